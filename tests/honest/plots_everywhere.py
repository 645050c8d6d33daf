"""Looks at everything: figures in own cells, in solution cells below the function, and inside of functions."""

# %% colours
%matplotlib inline
import matplotlib.pyplot as plt
from matplotlib import cm
from mpl_toolkits.mplot3d import Axes3D

plt.rcParams["figure.figsize"] = (3.0, 2.0)
plt.style.use("ggplot")
PICTURES = [0]

def look(x, title, at_most=2):
    if PICTURES[0] < at_most:
        PICTURES[0] += 1
        fig, ax = plt.subplots()
        ax.imshow(np.asarray(x, float), cmap=cm.viridis)
        ax.set_title(title)
        plt.show()
        plt.close("all")

# %% everything else as in stride_views

# %% zero_pad
def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    look(X_pad[0, :, :, 0], "padded")
    return X_pad

plt.imshow(zero_pad(np.ones((1, 3, 3, 1)), 2)[0, :, :, 0])
plt.colorbar()
plt.show()

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    look(W[..., 0], "W", at_most=3)
    return (a_slice_prev * W).sum() + b[0, 0, 0]

fig = plt.figure()
ax = fig.add_subplot(projection="3d")
ax.plot_surface(*np.meshgrid(range(4), range(4)), np.random.randn(4, 4))
plt.show(); plt.close(fig)

# %% distribute_value
def distribute_value(dz, shape):
    look(np.full(shape, dz), 'dz', at_most=4)
    return np.full(shape, dz) / (shape[0] * shape[1])

plt.bar(range(4), distribute_value(2.0, (2, 2)).ravel()), plt.xlabel("cell"), plt.ylabel("share")
for _ in range(3):
    plt.hist(np.random.rand(100), bins=10)
    plt.show()
