# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A convolutional network by hand
#
# In this notebook you build the layers of a convolutional network with nothing but NumPy and plain loops, and
# at the end a small network made of *your* functions learns to read handwritten digits. There is no framework
# to hide behind: every output is a sum you can check with pencil and paper. That is slow for a computer and,
# once, very good for a person.

# %% [markdown]
# **When you are done, you can**
#
# - say what padding is for, and pad a batch of images with zeros;
# - compute one output of a convolution by hand, and the size of the whole output before running anything;
# - write the forward pass of a convolution and of a pooling layer for any filter size, stride and padding;
# - say what the `cache` is kept for and, if you do the optional part, derive and write both backward passes;
# - test a gradient without trusting it, and watch a network learn.

# %% [markdown]
# ## Time and points
#
# Plan about three hours, of which one is for the optional section 7. More stars mean harder.
#
# | section | you write | points | difficulty | minutes |
# | --- | --- | ---: | :---: | ---: |
# | 1-2. Packages, outline | - | - | - | 10 |
# | 3. Zero padding | `zero_pad` | 15 | ★☆☆ | 20 |
# | 4. One step | `conv_single_step` | 15 | ★☆☆ | 15 |
# | 5. The forward pass | `conv_forward` | 40 | ★★★ | 40 |
# | 6. Pooling | `pool_forward` | 30 | ★★☆ | 25 |
# | 7. Backpropagation (optional) | `conv_backward` | 0 | ★★★ | 30 |
# | | `create_mask_from_window` | 0 | ★☆☆ | 5 |
# | | `distribute_value` | 0 | ★☆☆ | 5 |
# | | `pool_backward` | 0 | ★★☆ | 15 |
# | 8. It learns | - | - | - | 10 |
# | 9-10. What to remember, open questions | - | - | - | 10 |

# %% [markdown]
# ## How to work
#
# - Replace `# YOUR CODE HERE` and the `raise` line below it by your code. The text between the triple quotes
#   says what goes in and what must come out.
# - Run the demonstration cell, then the test cell below it. A passing test prints one line; a failing one
#   says which input, what was expected, and which rule to look at.
# - Keep the names of the functions and of their arguments: the grader finds your work by them.

# %% [markdown]
# ## Handing in
#
# - Save the notebook, then hand in this one file.
# - Warnings and printed text never cost marks, and the grader calls your functions with fresh inputs of the
#   kind that their docstrings describe.
# - If your JupyterLab has nbgrader's *Validate* button (the installation in the README has none, and you need
#   none), you may press it first. It runs everything but section 8 and names each cell that fails, also the
#   optional exercises you left open. Those cost nothing.

# %% [markdown]
# ## Notation
#
# Everything is a batch of images, and the axes always come in this order: example, row, column, channel.
#
# | symbol | shape or kind | meaning |
# | --- | --- | --- |
# | `m` | integer | number of examples in the batch, index `i` |
# | `n_H`, `n_W`, `n_C` | integers | height, width, number of channels of an output; indices `h`, `w`, `c` |
# | `n_H_prev`, `n_W_prev`, `n_C_prev` | integers | the same for the input, which is the previous layer's output |
# | `A_prev` | `(m, n_H_prev, n_W_prev, n_C_prev)` | input of a layer |
# | `f` | integer, pixels | side of the (square) window |
# | `stride` | integer, pixels | how far the window moves from one output to the next; at least 1 |
# | `pad` | integer, pixels | width of the ring of zeros around the image; 0 means none |
# | `W` | `(f, f, n_C_prev, n_C)` | the filters: `W[:, :, :, c]` is filter number `c` |
# | `b` | `(1, 1, 1, n_C)` | the biases, one number per filter |
# | `Z` | `(m, n_H, n_W, n_C)` | output of a convolution |
# | `A` | `(m, n_H, n_W, n_C)` | output of pooling |
# | `hparameters` | dictionary | the numbers chosen by a person, not learned: `"stride"`, `"pad"`, `"f"` |
# | `cache` | tuple | what the forward pass keeps for the backward pass |
# | `dZ`, `dA`, `dW`, `db`, `dA_prev` | like `Z`, `A`, `W`, `b`, `A_prev` | derivative of the loss with respect to that array |

# %% [markdown]
# ## 1. Packages
#
# NumPy does the arithmetic, h5py reads the digits of section 8, Matplotlib draws, and `public_tests` holds
# one test for each exercise. Run this cell first, and again whenever you restart the kernel.

# %%
import h5py
import matplotlib.pyplot as plt
import numpy as np
from public_tests import *

# %% [markdown]
# All pictures go through two small functions: `panels` opens a row of empty plots and insists on titles and
# axis labels, `draw` fills them with images. You need not read them closely.


# %%
def panels(titles, xlabel, ylabel, size=(3.5, 2.5)):
    """Open one plot per title in a row, each of ``size`` inches; return the axes."""
    width, height = size
    figsize = (width * len(titles), height)
    _, axes = plt.subplots(1, len(titles), figsize=figsize, squeeze=False, layout="constrained")
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return axes[0]


def draw(images, titles, *, numbers=False, colours="cividis", size=(3.5, 2.5), **limits):
    """Draw 2-D arrays side by side, with their values written in if ``numbers`` is true."""
    for ax, image in zip(panels(titles, "column w", "row h", size), images, strict=True):
        picture = ax.imshow(image, cmap=colours, **limits)
        ax.locator_params(integer=True)
        ax.figure.colorbar(picture, ax=ax)
        for (h, w), value in np.ndenumerate(image) if numbers else ():
            ink = "white" if picture.norm(value) < 0.5 else "black"
            ax.text(w, h, f"{value:g}", ha="center", va="center", color=ink)
    plt.show()


# %% [markdown]
# One small example comes back in every section, in the drawings, in the sums by hand and in the code: a 3x3
# image, a 2x2 filter and a bias of 1. When your function does something odd, try it on these numbers first.
# You know what must come out.

# %%
X_small = np.array([[2, 0, 1], [1, 3, 2], [0, 1, 4]])
W_small = np.array([[1, -1], [0, 2]])
b_small = 1

draw([X_small, W_small], ["X_small", "W_small"], numbers=True)

# %% [markdown]
# ## 2. Outline
#
# A convolution layer slides small filters over an image, and a pooling layer summarises small windows of the
# result. You write both as functions of whole batches, from the inside out: first the ring of zeros, then one
# single output, then the loops around it, then pooling.
#
# ![A digit of 8 x 8 pixels is padded, convolved, passed through ReLU, pooled and sent to a dense layer with softmax, which gives ten probabilities. conv_forward covers padding and convolution and calls zero_pad and conv_single_step; pool_forward pools; below, pool_backward and conv_backward lead back.](images/outline.svg)
#
# *The network of section 8. You write the functions whose names stand in typewriter letters. The dashed
# arrows run the other way: the two with names are the optional backward half, the others are given.*

# %% [markdown]
# Each exercise climbs the same ladder: why, the definition, a warm-up with the one NumPy call you need, an
# example by hand with a drawing, a question to check yourself, then your code, a run that shows something,
# the test, and what to remember. The warm-ups are complete and run as they stand. Change the numbers in them;
# that is the quickest way to see what a call does.

# %% [markdown]
# ## 3. Zero padding (15 points) ★☆☆
#
# **Why.** A 2x2 window fits into a 3x3 image in only four places, so the output is 2x2: every such
# convolution makes the image smaller, and a deep network would soon run out of pixels. The border also counts
# for less. The centre pixel lies in all four windows, a corner pixel in just one. A ring of zeros helps with
# both: with an odd window it can keep the size, and it lets the window visit the border more often.

# %% [markdown]
# **Definition.** Padding with `pad` adds that many rows of zeros above and below each image, and as many
# columns left and right. An image of $n_H \times n_W$ becomes
#
# $$(n_H + 2\,\text{pad}) \times (n_W + 2\,\text{pad}).$$
#
# If `f` is odd, the stride is 1 and $\text{pad} = (f - 1)/2$, the output is exactly as large as the unpadded
# input. This is called a **"same" convolution**. Without padding (`pad = 0`) it is called "valid".

# %% [markdown]
# **Warm-up.** `np.pad` takes one pair `(before, after)` for each axis. To see which number ends up where,
# here is a 2x3 array with unequal widths.

# %%
small = np.array([[1, 2, 3], [4, 5, 6]])
wider = np.pad(small, ((1, 0), (0, 2)), mode="constant", constant_values=0)
print(small.shape, "->", wider.shape)
print(wider)

# %% [markdown]
# **By hand.** With `pad = 1` the 3x3 image lands inside a ring of zeros and becomes 5x5, since
# $3 + 2 \cdot 1 = 5$. The pixel `X[0, 0]`, a 2, moves to position `[1, 1]`. A 2x2 window now fits in sixteen
# places, and each of the nine pixels lies in exactly four of them, corners included. (Full equality takes a
# ring of $f - 1$; the usual, thinner ring narrows the gap.)
#
# ![The 3 x 3 array X becomes the 5 x 5 array X_pad: the same nine numbers in the middle, with a ring of zeros, one cell wide, around them.](images/padding.svg)
#
# *Padding with `pad = 1`: height and width grow from 3 to 3 + 2 · 1 = 5. The nine numbers do not change; they
# are `X_pad[1:4, 1:4]`.*

# %% [markdown]
# **Check yourself.** Which `pad` makes a convolution "same" for `f` = 3, and for `f` = 7? What shape does a
# batch of shape (10, 28, 28, 3) have after padding with 2?
#
# <details><summary>Answer</summary>
#
# 1 and 3, from $(f - 1)/2$. The padded batch has shape (10, 32, 32, 3): examples and channels stay as they
# are.
#
# </details>

# %% [markdown]
# ### Exercise 1: `zero_pad`
#
# **What to write.** Pad a whole batch `X` of shape `(m, n_H, n_W, n_C)`: rows and columns get `pad` zeros on
# both sides. The examples and the channels get none, since a ring of black images around the batch would make
# no sense. One or two lines.
#
# **What not to worry about.** `pad = 0` needs no special case, and nobody passes a negative one.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "zero_pad_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_pad(X, pad):
    """Surround every image of a batch with ``pad`` rows and columns of zeros.

    Parameters
    ----------
    X : (m, n_H, n_W, n_C) array of float64, float32 or integers; not modified
    pad : int, pixels, at least 0; width of the ring on each of the four sides

    Returns
    -------
    X_pad : (m, n_H + 2*pad, n_W + 2*pad, n_C) array; X in the middle, zeros around it

    Notes
    -----
    Height and width may differ, m and n_C may be 1, X may be a view of a larger array. With pad 0 the result
    equals X. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant", constant_values=0)
    return X_pad
    ### END SOLUTION


# %% [markdown]
# **Run it**, first on the example by hand. A single image becomes a batch of one image with one channel by
# `reshape(1, 3, 3, 1)`, and `[0, :, :, 0]` takes it out again.

# %%
ring = zero_pad(X_small.reshape(1, 3, 3, 1), 1)[0, :, :, 0]
print(ring)
assert ring.shape == (5, 5), f"the padded 3x3 image must be 5x5, yours is {ring.shape}"
assert ring[1, 1] == 2 and ring[3, 3] == 4, "the image must sit in the middle of the ring"

# %% [markdown]
# Now a batch of four images with two channels. The colour at 0 is the ring. If it shows on two sides only, or
# if the shapes printed have grown in the first or the last axis, look at the pairs again.

# %%
np.random.seed(1)
x = np.random.randn(4, 3, 3, 2)
x_pad = zero_pad(x, 3)
print("x.shape     =", x.shape)
print("x_pad.shape =", x_pad.shape)
print("x[1, 1] =\n", x[1, 1])
print("x_pad[1, 1] =\n", x_pad[1, 1])

draw([x[0, :, :, 0], x_pad[0, :, :, 0]], ["x[0, :, :, 0]", "x_pad[0, :, :, 0]"], vmin=-2, vmax=2)

# %% [markdown]
# **Test.** You should read `(4, 9, 9, 2)` above, and `x_pad[1, 1]` should be all zeros: row 1 lies in the
# ring.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "zero_pad", "locked": true, "points": 15, "schema_version": 3, "solution": false, "task": false}
zero_pad_test(zero_pad)

# %% [markdown]
# **Remember**
#
# - Padding can keep the image from shrinking, and lets the border be seen more often.
# - "Same" means stride 1, `f` odd and `pad` $= (f - 1)/2$.
# - Only height and width are padded. Write one pair per axis and nothing can go astray.

# %% [markdown]
# ## 4. One step (15 points) ★☆☆
#
# **Why.** A filter looks at one window at a time and answers with one number: how much does this patch look
# like me? A large positive answer means a good match, a number near zero means nothing in common, a negative
# one means the opposite pattern. Everything else in a convolution layer is asking this question at many
# places.

# %% [markdown]
# **Definition.** Multiply the window and the filter entry by entry, add all products, then add the bias once:
#
# $$Z = b + \sum_{u=0}^{f-1} \sum_{v=0}^{f-1} \sum_{k=0}^{n_{C,\text{prev}}-1} a_{u,v,k}\, W_{u,v,k}.$$
#
# The sum runs over the channels too, so a window of any depth gives a single number. (Strictly this is
# *cross-correlation*: mathematicians turn the filter by 180 degrees first and call that convolution. As the
# filter is learned, nothing is lost by not turning it.)

# %% [markdown]
# **Warm-up.** Between arrays, `*` multiplies entry by entry; it is not a matrix product. `np.sum` without an
# axis adds up everything. The last lines turn an array that holds a single number into that number.

# %%
left = np.array([[1, 2], [3, 4]])
right = np.array([[10, 0], [0, -1]])
print(left * right)
print(np.sum(left * right))
lonely = np.array([[[0.5]]])
print(lonely.shape, "holds", lonely.item())

# %% [markdown]
# **By hand.** Take the upper left window of the small image, $\begin{pmatrix} 2 & 0 \\ 1 & 3 \end{pmatrix}$,
# and the filter $\begin{pmatrix} 1 & -1 \\ 0 & 2 \end{pmatrix}$. The four products are 2, 0, 0 and 6. Their
# sum is 8, and with the bias of 1 the answer is 9.
#
# ![The top-left 2 x 2 window of X, with the numbers 2, 0, 1, 3, is multiplied cell by cell with W, with the numbers 1, -1, 0, 2. The products 2, 0, 0, 6 add up to 8; with b = 1 this gives 9, stored in Z[0, 0].](images/one_window.svg)
#
# *One step on the shaded window: 2 · 1 + 0 · (-1) + 1 · 0 + 3 · 2 + 1 = 9, which is `Z[0, 0]`. The other
# cells of `Z` come from the other three windows.*

# %% [markdown]
# **Check yourself.** What does a filter answer to a window full of zeros? And without a bias, how does the
# answer change when the window becomes twice as bright?
#
# <details><summary>Answer</summary>
#
# Its bias: all products are 0. Without a bias the answer doubles as well, because a sum of products is linear
# in the window.
#
# </details>

# %% [markdown]
# ### Exercise 2: `conv_single_step`
#
# **What to write.** Multiply, sum, add the bias: two or three lines. `b` arrives as a (1, 1, 1) array; take
# the number out with `b.item()`, or the result is an array as well. The tempting `float(b)` is a
# *DeprecationWarning* up to NumPy 2.3 and an error from 2.4 on. `b.item()` works on every version.
#
# **What not to worry about.** Where the window came from. It is cut out already.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_single_step_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_single_step(a_slice_prev, W, b):
    """Apply one filter to one window.

    Parameters
    ----------
    a_slice_prev : (f, f, n_C_prev) array of float64, float32 or integers; not modified
    W : (f, f, n_C_prev) array, the filter; not modified
    b : (1, 1, 1) array, the bias of this filter; not modified

    Returns
    -------
    Z : float; sum of all products of a_slice_prev and W, plus b once. One number, not an array

    Notes
    -----
    f and n_C_prev may be anything from 1 on. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    products = a_slice_prev * W
    Z = float(np.sum(products)) + b.item()
    return Z
    ### END SOLUTION


# %% [markdown]
# **Run it.** First the sum from the drawing, which must give 9. Then a window of 4x4 pixels and three
# channels, drawn at random from a fixed seed, which must give -6.99908945.

# %%
Z = conv_single_step(X_small[:2, :2, None], W_small[:, :, None], np.full((1, 1, 1), b_small))
print("by hand 9, yours", Z)
assert Z == 9, "multiply entry by entry, add up everything, then add the bias once"

np.random.seed(1)
a_slice_prev = np.random.randn(4, 4, 3)
W = np.random.randn(4, 4, 3)
b = np.random.randn(1, 1, 1)
print("Z =", conv_single_step(a_slice_prev, W, b))

# %% [markdown]
# **Test.** If you get 12 instead of 9 above, the bias went into every product: that is four times instead of
# once. If you see brackets around the number, it is still an array.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_single_step", "locked": true, "points": 15, "schema_version": 3, "solution": false, "task": false}
conv_single_step_test(conv_single_step)

# %% [markdown]
# **Remember**
#
# - One window and one filter give one number, whatever the number of channels.
# - The products are entrywise. The bias comes after the sum, once.
# - `.item()` is the portable way from a one-element array to a number.

# %% [markdown]
# ## 5. The forward pass (40 points) ★★★
#
# **Why.** One step asks the filter's question at one place. The forward pass asks it everywhere: in every
# image, at every position, with every filter. The answers of one filter, laid out where they were asked, form
# an image again, called a **feature map**: a map of where the feature occurs. A layer with `n_C` filters
# gives `n_C` maps, stacked as the channels of its output.

# %% [markdown]
# **Definition.** With the padded input $P$ and the stride $s$,
#
# $$Z_{i,h,w,c} = b_c + \sum_{u,v,k} P_{i,\; h s + u,\; w s + v,\; k}\; W_{u,v,k,c}.$$
#
# The window at output position `h` begins at row `h * stride`. The last one must still fit, which gives
#
# $$n_H = \left\lfloor \frac{n_{H,\text{prev}} - f + 2\,\text{pad}}{\text{stride}} \right\rfloor + 1,$$
#
# and `n_W` likewise. Rows that are left over after the last full window are not read: that is the floor.

# %% [markdown]
# **Warm-up.** A slice `[start:end]` stops *before* its end, so `end - start` is its length. Two slices cut a
# window, and the last line puts a number into one place of an array of zeros. For sizes use `//`, which
# divides integers and rounds down; `np.floor` returns a float, and a float is no good as a size.

# %%
board = np.arange(20).reshape(4, 5)
print(board)
print(board[1:3, 2:5])  # rows 1 and 2, columns 2, 3 and 4
print("7 // 2 =", 7 // 2, "   np.floor(7 / 2) =", np.floor(7 / 2))
scores = np.zeros((2, 2))
scores[0, 1] = np.sum(board[1:3, 2:5])
print(scores)

# %% [markdown]
# **By hand, stride 1.** Without padding the 2x2 filter fits into the 3x3 image in four places, and
# $\lfloor (3 - 2 + 0)/1 \rfloor + 1 = 2$. The first answer is the 9 of section 4. One column to the right the
# window is $\begin{pmatrix} 0 & 1 \\ 3 & 2 \end{pmatrix}$ and gives $0 - 1 + 0 + 4 + 1 = 4$. The lower two
# give $1 - 3 + 0 + 2 + 1 = 1$ and $3 - 2 + 0 + 8 + 1 = 10$. So
# $Z = \begin{pmatrix} 9 & 4 \\ 1 & 10 \end{pmatrix}$.

# %% [markdown]
# **By hand, stride 2.** Now pad with 1 and move by 2: $\lfloor (3 - 2 + 2)/2 \rfloor + 1 = 2$, so the output
# is 2x2 again. For `h = 1, w = 0` the four corners of the window are `vert_start` 2, `vert_end` 4,
# `horiz_start` 0, `horiz_end` 2.
#
# ![X_pad, 5 x 5, with the window of output cell h = 1, w = 0 shaded: rows 2 and 3, columns 0 and 1, so vert_start = 2, vert_end = 4, horiz_start = 0, horiz_end = 2. The last row and the last column are hatched: they are never read. The output Z is 2 x 2, with the cell Z[1, 0] shaded.](images/four_corners.svg)
#
# *Four corners at stride 2. The start is `h * stride` = 1 · 2 = 2, the end is the start plus `f`. The shaded
# window gives 0 · 1 + 1 · (-1) + 0 · 0 + 0 · 2 + 1 = 0. The last row and column are never read: that is the
# floor.*

# %% [markdown]
# A filter is as deep as its input. A 5x5 image with three channels needs filters of shape (3, 3, 3); each of
# them gives one flat map of 3x3, since $5 - 3 + 1 = 3$. Two filters give two maps.
#
# ![A volume of shape (5, 5, 3) is read by two filters of shape (3, 3, 3). Each filter spans all three channels and gives one 3 x 3 plane; the two planes, stacked, are the output Z of shape (3, 3, 2).](images/stacked_filters.svg)
#
# *Filters stacked to a volume. At the shaded window each filter adds up 3 · 3 · 3 = 27 products and its own
# bias, which gives one number. Two filters give two planes, so `Z` has shape (3, 3, 2): the number of
# filters, not the depth of the input, decides the depth of the output.*

# %% [markdown]
# **Check yourself.** An input of shape (2, 5, 7, 4), filters of shape (3, 3, 4, 8), `pad` 1 and `stride` 2:
# what is the shape of `Z`? Write it down first. You will meet these numbers again.
#
# <details><summary>Answer</summary>
#
# For the height $\lfloor (5 - 3 + 2)/2 \rfloor + 1 = 3$, for the width
# $\lfloor (7 - 3 + 2)/2 \rfloor + 1 = 4$. There are 2 examples and 8 filters, so (2, 3, 4, 8).
#
# </details>

# %% [markdown]
# ### Exercise 3: `conv_forward`
#
# **What to write.** Sizes, an array of zeros, the padding, four loops, and inside them one window and one
# step. Return both, `Z` and `cache`. Start with a single image and a single filter in your head; the other
# two loops then come for free. Height always goes with `h` and `vert`, width with `w` and `horiz`: mixing
# them up works on square images only, and the test is not square.

# %% [markdown]
# **Why the `cache`.** To compute gradients, the backward pass needs the input, the filters and the settings
# again. The forward pass has them at hand, so it hands them on.
#
# **What not to worry about.** Speed: loops are the point here. Nor the ReLU that usually follows a
# convolution. It is left out because it is a layer of its own with its own derivative, and because a plain
# convolution is easy to test. It comes back in section 8.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_forward_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_forward(A_prev, W, b, hparameters):
    """Slide every filter over every image of a batch.

    Parameters
    ----------
    A_prev : (m, n_H_prev, n_W_prev, n_C_prev) array of float64, float32 or integers; not modified
    W : (f, f, n_C_prev, n_C) array, the filters; not modified. f is read from this shape
    b : (1, 1, 1, n_C) array, one bias per filter; not modified
    hparameters : dict, not modified; its entries may stand in either order
        "stride" : int, pixels, at least 1; "pad" : int, pixels, at least 0

    Returns
    -------
    Z : (m, n_H, n_W, n_C) float array, n_H = floor((n_H_prev - f + 2*pad) / stride) + 1; n_W likewise
    cache : the tuple (A_prev, W, b, hparameters), in this order; A_prev as it came in, not padded

    Steps
    -----
    1. Read the sizes of A_prev and W, then stride and pad (3-4 lines).
    2. Compute n_H and n_W with ``//``; start Z as a float array of zeros, also for integer input (3 lines).
    3. Pad A_prev (1 line).
    4. Loop over the examples i, rows h, columns w and filters c of the *output* (4 lines).
    5. Find the four corners of the window from h, w, stride and f (4 lines).
    6. Cut the window out of padded example i, all channels (1 line).
    7. Apply filter c with its bias: one step, stored at Z[i, h, w, c] (1-2 lines).

    Notes
    -----
    Any stride (also larger than f), any pad (0, or larger than f), height and width that differ, rows left
    over, m = 1, one channel, one filter, and views of larger arrays must work. You may call zero_pad and
    conv_single_step, and need not. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]

    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)

    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice_prev = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])

    cache = (A_prev, W, b, hparameters)
    return Z, cache
    ### END SOLUTION


# %% [markdown]
# **When it does not work**, the first message usually tells where to look:
#
# | what you see | look at |
# | --- | --- |
# | `operands could not be broadcast together` | the window is not (f, f, n_C_prev): its corners, or an output size that is too large |
# | `'float' object cannot be interpreted as an integer` | a size that was computed with `/` or `np.floor` |
# | `index ... is out of bounds` | height and width swapped somewhere |
# | `setting an array element with a sequence`, or a *DeprecationWarning* | the step gave an array instead of one number |
# | right shape, but zeros along the lower or right edge | a loop that stops too early |
# | right at stride 1 only | a corner without `stride` |

# %% [markdown]
# **Run it** on the two examples by hand. Do not print inside the function while you look for a mistake, or
# only under an `if` that picks one position: the innermost line runs thousands of times.

# %%
A_prev = X_small.reshape(1, 3, 3, 1)
W = W_small.reshape(2, 2, 1, 1)
b = np.full((1, 1, 1, 1), b_small)
for settings, expected in (
    ({"stride": 1, "pad": 0}, [[9, 4], [1, 10]]),
    ({"stride": 2, "pad": 1}, [[5, 3], [0, 10]]),
):
    Z, _ = conv_forward(A_prev, W, b, settings)
    print(settings, "gives", Z[0, :, :, 0].tolist())
    assert Z.shape == (1, 2, 2, 1), f"with {settings} Z has shape (1, 2, 2, 1), yours {Z.shape}"
    assert np.array_equal(Z[0, :, :, 0], expected), f"with {settings} the sums by hand are {expected}"

# %% [markdown]
# Then a batch that is not square, with stride 2. Expect a shape of (2, 3, 4, 8) and a mean of 0.55112765;
# `Z[0, 2, 1]` begins with -2.17796037. The last line reads one pixel out of the cache: four numbers, one per
# input channel, the first -1.1191154.

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 5, 7, 4)
W = np.random.randn(3, 3, 4, 8)
b = np.random.randn(1, 1, 1, 8)
Z, cache_conv = conv_forward(A_prev, W, b, {"stride": 2, "pad": 1})
print("Z.shape           =", Z.shape)
print("mean of Z         =", np.mean(Z))
print("Z[0, 2, 1]        =", Z[0, 2, 1])
print("cache[0][1][2][3] =", cache_conv[0][1][2][3])

# %% [markdown]
# **Test.** If the shapes agree and the values do not, look at the corners first: they come from the output
# position times the stride. The lines of the table above fit here too.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_forward", "locked": true, "points": 40, "schema_version": 3, "solution": false, "task": false}
conv_forward_test(conv_forward)

# %% [markdown]
# **See it work.** Your function is now an image filter. The first filter below subtracts the right neighbour
# column from the left one, the second the lower row from the upper one. On a flat area both give 0. At an
# edge they do not, and the sign tells on which side the bright part lies. Nobody learned these filters; in
# section 8, if you write the backward half, the network finds its own.

# %%
rows, columns = np.mgrid[0:28, 0:28]
picture = ((rows - 14) ** 2 + (columns - 11) ** 2 < 64).astype(float)  # a disc
picture[5:23, 22:25] = 1  # and an upright bar
edges = np.zeros((3, 3, 1, 2))
edges[:, :, 0, 0] = [[1, 0, -1], [1, 0, -1], [1, 0, -1]]
edges[:, :, 0, 1] = [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]

draw([picture], ["the image"], colours="gray")

# %%
Z, _ = conv_forward(picture.reshape(1, 28, 28, 1), edges, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 1})

draw([Z[0, :, :, 0], Z[0, :, :, 1]], ["left minus right", "upper minus lower"])

# %% [markdown]
# The upright bar shines in the first map, a bright and a dark line for its two sides, and all but vanishes
# from the second, which sees its two ends alone. The disc shows in both, each time with the part of its
# outline that runs the right way. Two filters, two maps of where something is found: this is what the
# channels of a hidden layer are.

# %% [markdown]
# **Remember**
#
# - One filter gives one feature map; `n_C` filters give `n_C` channels.
# - The corners: start = output position times stride, end = start plus `f`.
# - Work out the output size before you run anything. Most mistakes show in the shape first.

# %% [markdown]
# ## 6. Pooling (30 points) ★★☆
#
# **Why.** A feature map says precisely where a feature sits. Often "somewhere around here" is enough, and
# better: a digit shifted by a pixel should still be the same digit. Pooling replaces each small window by one
# number, its maximum or its average. What follows has fewer numbers to compute with, and small shifts change
# less.

# %% [markdown]
# **Definition.** Cut windows of side `f` as before, without padding, and treat each channel on its own:
#
# $$A_{i,h,w,c} = \max_{0 \le u, v < f} A^{\text{prev}}_{i,\; h s + u,\; w s + v,\; c}
# \qquad \text{or the mean of the same } f^2 \text{ numbers.}$$
#
# The output size is the formula of section 5 with `pad` = 0. Unlike a convolution, pooling keeps the number
# of channels, so $n_C = n_{C,\text{prev}}$, and it has no parameters: there is nothing to learn in it.

# %% [markdown]
# **Warm-up.** `np.max` and `np.mean` reduce a whole array to one number. Fixing the last index first picks a
# single channel.

# %%
two_channels = np.arange(8).reshape(2, 2, 2)
first = two_channels[:, :, 0]
print(first)
print("largest", np.max(first), "  average", np.mean(first))
print("over both channels, which is not what you want here:", np.max(two_channels))

# %% [markdown]
# **By hand.** Windows of side 2 with stride 1 on the small image. The upper left one holds 2, 0, 1 and 3: its
# maximum is 3, its average $6/4 = 1.5$. The lower right one holds 3, 2, 1 and 4: maximum 4, average
# $10/4 = 2.5$.
#
# ![The top-left 2 x 2 window of X, with the numbers 2, 0, 1, 3, gives 3 in the max-pooled array and 1.5 in the average-pooled array, each at position [0, 0]. All results: max 3, 3, 3, 4, average 1.5, 1.5, 1.25, 2.5.](images/pooling.svg)
#
# *Pooling with `f = 2`, stride 1. The shaded window holds 2, 0, 1, 3. Its maximum is 3, its average (2 + 0 +
# 1 + 3)/4 = 1.5. No weights, no bias: nothing here is learned.*

# %% [markdown]
# **Check yourself.** What does average pooling do with `f` = 1 and stride 1? And if `f` is the side of the
# whole (square) image?
#
# <details><summary>Answer</summary>
#
# The first changes nothing. The second leaves one number per channel, its average. This is called *global
# average pooling*, and many networks end with it.
#
# </details>

# %% [markdown]
# ### Exercise 4: `pool_forward`
#
# **What to write.** The loops of `conv_forward` with another innermost line, or rather two of them: `mode` is
# `"max"` or `"average"`. Cut the window out of one channel, not out of all. Let `stride` and `f` be two
# different numbers: it is a common slip to take the side of the window for the stride. Return both, `A` and
# `cache`.
#
# **What not to worry about.** Padding, filters, other modes: there are none here.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "pool_forward_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool_forward(A_prev, hparameters, mode="max"):
    """Replace every window of every channel by its maximum or its average.

    Parameters
    ----------
    A_prev : (m, n_H_prev, n_W_prev, n_C_prev) array of float64, float32 or integers, any sign; not modified
    hparameters : dict, not modified; its entries may stand in either order
        "stride" : int, pixels, at least 1; "f" : int, pixels, window side, at least 1
    mode : "max" (also if left out) or "average"

    Returns
    -------
    A : (m, n_H, n_W, n_C) float array, n_H = floor((n_H_prev - f) / stride) + 1; n_W likewise; n_C = n_C_prev
    cache : the tuple (A_prev, hparameters), in this order

    Steps
    -----
    1. Read the sizes of A_prev, then stride and f (3 lines).
    2. Compute n_H and n_W with ``//``; start A as a float array of zeros (3 lines).
    3. Loop over the examples i, rows h, columns w and channels c of the output (4 lines).
    4. Find the four corners of the window from h, w, stride and f (4 lines).
    5. Cut the window out of example i, channel c (1 line).
    6. Store its maximum or its average at A[i, h, w, c], as mode says (4 lines).

    Notes
    -----
    Any stride (smaller than f, equal, or larger), height and width that differ, rows left over, negative
    values, m = 1, one channel, and views of larger arrays must work. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    stride = hparameters["stride"]
    f = hparameters["f"]

    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    window = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(window)
                    else:
                        A[i, h, w, c] = np.mean(window)

    cache = (A_prev, hparameters)
    return A, cache
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand, in both modes.

# %%
for mode, expected in (("max", [[3, 3], [3, 4]]), ("average", [[1.5, 1.5], [1.25, 2.5]])):
    A, _ = pool_forward(X_small.reshape(1, 3, 3, 1), {"stride": 1, "f": 2}, mode=mode)
    print(mode, A[0, :, :, 0].tolist())
    assert A.shape == (1, 2, 2, 1), f"A has shape (1, 2, 2, 1), yours {A.shape}"
    assert np.array_equal(A[0, :, :, 0], expected), f"mode {mode}: by hand we got {expected}"

# %% [markdown]
# Then a random batch with windows of side 3, at stride 1 and at stride 2. Expect shapes (2, 3, 3, 3) and
# (2, 2, 2, 3). At stride 1, the first numbers of `A[1, 1]` are 1.96710175 for the maximum and 0.44497696 for
# the average. An average may be negative; so may a maximum.

# %%
np.random.seed(1)
A_prev = np.random.randn(2, 5, 5, 3)
for mode in ("max", "average"):
    A, _ = pool_forward(A_prev, {"stride": 1, "f": 3}, mode=mode)
    print(f"{mode}, stride 1: A.shape = {A.shape}, A[1, 1] =\n{A[1, 1]}")
for mode in ("max", "average"):
    A, _ = pool_forward(A_prev, {"stride": 2, "f": 3}, mode=mode)
    print(f"{mode}, stride 2: A.shape = {A.shape}, A[0] =\n{A[0]}")

# %% [markdown]
# **Test.** Right at stride 1 but wrong at stride 2 means that a corner forgot the stride. Equal values in
# every channel mean that the window was cut through all of them.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "pool_forward", "locked": true, "points": 30, "schema_version": 3, "solution": false, "task": false}
pool_forward_test(pool_forward)

# %% [markdown]
# **See it work.** Below is the strength of the upright edges of the picture, pooled with windows of side 4:
# 28x28 numbers become 7x7, a sixteenth. The maximum keeps an edge at full strength wherever it lies in its
# window, the average dilutes it. Then the whole picture moves one pixel to the right, and we measure how much
# the map changes before and after pooling.

# %%
pictures = np.stack([picture, np.roll(picture, 1, axis=1)])[:, :, :, np.newaxis]
Z, _ = conv_forward(pictures, edges[:, :, :, :1], np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 1})
strength = np.abs(Z)
maxima, _ = pool_forward(strength, {"stride": 4, "f": 4}, mode="max")
averages, _ = pool_forward(strength, {"stride": 4, "f": 4}, mode="average")

results = {"edge strength": strength, "max pooled": maxima, "average pooled": averages}
draw([maps[0, :, :, 0] for maps in results.values()], list(results))
for name, maps in results.items():
    change = np.sum(np.abs(maps[0] - maps[1])) / np.sum(np.abs(maps[0]))
    print(f"{name:15s} {maps[0].size:4d} numbers, changed by {change:4.0%} when the picture moves one pixel")

# %% [markdown]
# The edges are lines two pixels wide, so after one pixel only half of each lies where it lay before: the map
# changes by 96%. The maxima change by 12%, the averages by 26%. This is not perfect stillness. An edge that
# crosses from one window into the next does move in the output, and how often that happens depends on the
# picture and on `f`.

# %% [markdown]
# **Remember**
#
# - Pooling keeps the channels and shrinks height and width: less computation in every later layer.
# - Small shifts change the output less than the input. The price is that the exact position is gone.
# - It has no parameters and still passes a gradient on, which is the subject of section 7.

# %% [markdown]
# ## 7. Backpropagation (optional, 0 points)
#
# **Why.** To learn, the network must know how the loss changes when a filter entry changes a little.
# Frameworks such as PyTorch or JAX hide this step, and for a good reason: the chain rule is mechanical, so a
# program can apply it to any forward pass without slips. Doing it once by hand shows what is being chained,
# what the memory is needed for, and why a gradient can be wrong without any error message.

# %% [markdown]
# One rule carries this whole section. The layer above hands you `dZ`: for each output number, how much the
# loss grows when that number grows by a little. For anything that went *into* the outputs, find every output
# it touched, multiply how strongly it touched it by that output's `dZ`, and add up.
#
# All four exercises here are worth 0 points. They are tested like the others, so you will know whether they
# are right.

# %% [markdown]
# ### 7.1 Convolution, backwards (optional, 0 points) ★★★
#
# **Why.** `dW` and `db` say in which direction each filter entry and bias must move for the loss to fall:
# against its gradient. `dA_prev` changes nothing in this layer. It is handed to the layer below, which starts
# from it as this one started from `dZ`. So the gradient travels back, layer by layer, to the first.

# %% [markdown]
# **Definition.** Let $P_{i,h,w}$ be the window of the padded input at output position $(h, w)$ of example
# $i$, and $W_c$ filter $c$. The forward pass computed
#
# $$Z_{i,h,w,c} = b_c + \sum P_{i,h,w} \cdot W_c.$$
#
# Three kinds of numbers went in: pixels, filter entries and biases. Ask the question of the rule for each of
# them: which outputs did it touch, and how strongly?

# %% [markdown]
# $$dP_{i,h,w} \mathrel{+}= \sum_c W_c \, dZ_{i,h,w,c}$$
#
# A **pixel** touched an output through the filter entry that lay on it. So it gets that entry times `dZ`,
# added up over all filters and all windows it was in; $dP_{i,h,w}$ is the part of $dP$ under the window.
# `dA_prev` is $dP$ without the ring, since nobody asks how the loss depends on the zeros.
#
# $$dW_c = \sum_{i,h,w} P_{i,h,w} \, dZ_{i,h,w,c}$$
#
# A **filter entry** touched every output of its map, each time through the pixel under it.
#
# $$db_c = \sum_{i,h,w} dZ_{i,h,w,c}$$
#
# A **bias** was added to every output of its map as it is, so its factor is 1.

# %% [markdown]
# **Warm-up.** `+=` on a slice adds to what is there already. That is the "add up" of the rule, where windows
# overlap. The second half shows how to take a ring off: `start : start + size` works for every ring, while
# `[ring:-ring]` is empty when the ring is 0 pixels wide.

# %%
total = np.zeros((3, 4))
total[0:2, 0:3] += 1
total[1:3, 1:4] += 10
print(total)
for ring in (1, 0):
    print("ring", ring, ":", total[ring:-ring].shape, "or", total[ring : ring + 3 - 2 * ring].shape)

# %% [markdown]
# **By hand.** Stride 1, no padding, and `dZ` full of ones: raising any output by a little raises the loss by
# as much. Then `db` is 4, since there are four outputs. `dW[0, 0]` is the sum of the pixels that lay under
# it, $2 + 0 + 1 + 3 = 6$, and all of `dW` is $\begin{pmatrix} 6 & 6 \\ 5 & 10 \end{pmatrix}$. For the image,
# stamp the filter once at each window and add the stamps.

# %%
stamps = np.zeros((5, 3, 3))
stamps[0] = [[1, -1, 0], [0, 2, 0], [0, 0, 0]]
stamps[1] = [[0, 1, -1], [0, 0, 2], [0, 0, 0]]
stamps[2] = [[0, 0, 0], [1, -1, 0], [0, 2, 0]]
stamps[3] = [[0, 0, 0], [0, 1, -1], [0, 0, 2]]
stamps[4] = [[1, 0, -1], [1, 2, 1], [0, 2, 2]]
names = ["from dZ[0, 0]", "from dZ[0, 1]", "from dZ[1, 0]", "from dZ[1, 1]", "sum: dA_prev"]

draw(stamps, names, numbers=True, size=(2.6, 2.1), vmin=-1, vmax=2)

# %% [markdown]
# *Four stamps of the filter and their sum. The centre pixel lay under all four filter entries and gets
# $2 + 0 - 1 + 1 = 2$; the upper right one lay under the entry -1 alone. The sum of all nine is
# $4 \cdot (1 - 1 + 0 + 2) = 8$.*

# %% [markdown]
# **Check yourself.** `dZ` is 0 everywhere except for a single 1, in one example, at position `h`, `w` of
# channel `c`. What are `dA_prev`, `dW` and `db`?
#
# <details><summary>Answer</summary>
#
# `dA_prev` is filter `c`, stamped once onto the window of that position in that example (less what falls on
# the ring). `dW` of that filter is the window itself, ring included, and `db` of that filter is 1. Everything
# else is 0.
#
# </details>

# %% [markdown]
# ### Exercise 5: `conv_backward` (optional, 0 points)
#
# **What to write.** The same four loops and corners as in `conv_forward`, with three `+=` lines inside where
# one assignment was. Start all three gradients from `np.zeros` with the right shape: `np.zeros_like` of
# integers makes integers, which have no room for fractions. At the end take the ring off in *every* example,
# and return all three.
#
# **What not to worry about.** The loss: `dZ` is given. Nor averages over the batch, which belong to the loss
# and are in `dZ` already.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_backward_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_backward(dZ, cache):
    """Carry the derivative of the loss back through a convolution.

    Parameters
    ----------
    dZ : (m, n_H, n_W, n_C) array of float64, float32 or integers; not modified
        The derivative of the loss with respect to Z.
    cache : the tuple (A_prev, W, b, hparameters) that conv_forward returned; not modified
        A_prev (m, n_H_prev, n_W_prev, n_C_prev), W (f, f, n_C_prev, n_C), b (1, 1, 1, n_C), same dtypes;
        hparameters "stride" (at least 1) and "pad" (at least 0), both int, pixels, in either order

    Returns
    -------
    dA_prev : (m, n_H_prev, n_W_prev, n_C_prev) float array, derivative of the loss with respect to A_prev
    dW : (f, f, n_C_prev, n_C) float array, derivative of the loss with respect to W
    db : (1, 1, 1, n_C) float array, derivative of the loss with respect to b

    Steps
    -----
    1. Unpack the cache and read the sizes of A_prev, W and dZ (4-5 lines).
    2. Start dW, db and a padded dA_prev as float arrays of zeros (3-4 lines).
    3. Pad A_prev (1 line).
    4. Loop over the examples i, rows h, columns w and filters c of dZ (4 lines).
    5. Find the four corners of the window and cut it out of the padded A_prev (5 lines).
    6. Add to the same window of the padded gradient, to dW and to db what the three formulas say (3 lines).
    7. Take the ring off the padded gradient, for all examples, so that it also works with pad 0 (1-2 lines).

    Notes
    -----
    Any stride (also larger than f), any pad (0 too), height and width that differ, rows left over, m = 1 and
    views of larger arrays must work. You may call zero_pad, and need not. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    A_prev, W, b, hparameters = cache
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    m, n_H, n_W, n_C = dZ.shape

    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    dW = np.zeros(W.shape)
    db = np.zeros((1, 1, 1, n_C))

    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                a_slice = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                for c in range(n_C):
                    stamp = W[:, :, :, c] * dZ[i, h, w, c]
                    dA_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :] += stamp
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[0, 0, 0, c] += dZ[i, h, w, c]

    dA_prev = dA_prev_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev, :]
    return dA_prev, dW, db
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand, and then as a rehearsal for training: a forward pass, and its own output
# sent back as if it were `dZ`. Expect means that begin with 1.4524377, 1.7269914 and 7.8392325.

# %%
A_prev, W, b = X_small.reshape(1, 3, 3, 1), W_small.reshape(2, 2, 1, 1), np.full((1, 1, 1, 1), b_small)
dA, dW, db = conv_backward(np.ones((1, 2, 2, 1)), (A_prev, W, b, {"stride": 1, "pad": 0}))
assert np.array_equal(dA[0, :, :, 0], stamps[4]), "by hand, dA_prev is the sum of the four stamps"
assert np.array_equal(dW[:, :, 0, 0], [[6, 6], [5, 10]]), "by hand, dW is [[6, 6], [5, 10]]"
assert db.item() == 4, "by hand, db is 4"
print("by hand: dA_prev, dW and db agree")

np.random.seed(1)
A_prev = np.random.randn(10, 4, 4, 3)
W = np.random.randn(2, 2, 3, 8)
b = np.random.randn(1, 1, 1, 8)
Z, cache_conv = conv_forward(A_prev, W, b, {"stride": 2, "pad": 2})
dA, dW, db = conv_backward(Z, cache_conv)
for name, gradient, expected in (("dA", dA, 1.4524377), ("dW", dW, 1.7269914), ("db", db, 7.8392325)):
    print(f"{name} {gradient.shape}, mean {np.mean(gradient)}")
    assert abs(np.mean(gradient) - expected) < 1e-6, f"the mean of {name} should be {expected}"

# %% [markdown]
# **Test.** It draws its own `dZ`, with several strides and paddings. If only the first example's gradient is
# right, look at the line that takes the ring off.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_backward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
conv_backward_test(conv_backward)

# %% [markdown]
# **Remember**
#
# - Whatever went into several outputs collects a gradient from each of them: `+=`, starting from zero.
# - A gradient has the shape of the array it belongs to.
# - Backwards, the filter is stamped onto the image instead of laid over it.

# %% [markdown]
# ### 7.2 The mask of a maximum (optional, 0 points) ★☆☆
#
# **Why.** In max pooling only one number of the window reaches the output. Nudge it, and the output moves by
# as much; nudge one of the others a little, and nothing happens. So the whole gradient goes to the *position*
# of the maximum, and the others get zero. The value of the maximum is not enough: on the way back we must
# know where it was.

# %% [markdown]
# **Definition.** The mask of a window has its shape, `True` where the entry equals the maximum and `False`
# elsewhere. If the maximum occurs several times, every one of these places is `True`. That is a convention
# (others pick the first). Numbers drawn at random hardly ever tie; blank parts of an image do, and one of the
# open questions is about them.

# %% [markdown]
# **Warm-up.** Comparing an array with a number compares every entry and gives an array of `True` and `False`.

# %%
temperatures = np.array([[18, 21, 19], [21, 17, 15]])
print(temperatures == 21)
print((temperatures == 21).dtype)

# %% [markdown]
# **By hand.** The upper left window of the small image is $\begin{pmatrix} 2 & 0 \\ 1 & 3 \end{pmatrix}$. Its
# maximum is the 3, so the mask is `True` in the lower right corner only. If the gradient of the output is 5,
# the window gets $\begin{pmatrix} 0 & 0 \\ 0 & 5 \end{pmatrix}$.
#
# ![Above: the window 2, 0, 1, 3 has its maximum 3 at the lower right; the mask is True there only, and the mask times the gradient 5 is 0, 0, 0, 5. Below: the gradient 6 is shared over 2 x 2 cells, 1.5 in each.](images/mask_and_share.svg)
#
# *Where the gradient goes. Maximum: only the 3 decided the result, so it receives 1 · 5 = 5 and the others 0
# · 5 = 0. Average (section 7.3): all four cells had an equal part, so each receives 6/(2 · 2) = 1.5.*

# %% [markdown]
# **Check yourself.** What is the mask of $\begin{pmatrix} -4 & -1 \\ -1 & -3 \end{pmatrix}$? And what happens
# to the mask of a window when every entry grows by 10?
#
# <details><summary>Answer</summary>
#
# It is `True` twice, upper right and lower left: the maximum is -1, and both places hold it. Adding 10
# changes nothing, because the same entries are still the largest.
#
# </details>

# %% [markdown]
# ### Exercise 6: `create_mask_from_window` (optional, 0 points)
#
# **What to write.** One line: the comparison of the warm-up, with the maximum of `x` itself in place of the
# 21. Return what comes out, an array of `True` and `False` with the shape of `x`.
#
# **What not to worry about.** Gradients and channels: this function sees one window of one channel and says
# where its maximum is. Ties need no special case.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "create_mask_from_window_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_mask_from_window(x):
    """Mark the position of the maximum of a window.

    Parameters
    ----------
    x : array of any two-dimensional shape, float64, float32 or integers, of any sign; not modified

    Returns
    -------
    mask : boolean array of the shape of x; True at every position that holds the maximum (all of them, if
        several are tied), False elsewhere

    Notes
    -----
    Height and width may differ; a window of one entry has the mask True. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    mask = x == np.max(x)
    return mask
    ### END SOLUTION


# %% [markdown]
# **Run it.** The 5 is the only maximum in the first window. In the second, 7 occurs twice.

# %%
print(create_mask_from_window(np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]])))
print(create_mask_from_window(np.array([[7, 0], [1, 7]])))

# %% [markdown]
# **Test.** A mask tells *where*, not *how much*: if it fails although the right places are marked, look
# whether yours holds numbers instead of `True` and `False`.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "create_mask_from_window", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
create_mask_from_window_test(create_mask_from_window)

# %% [markdown]
# **Remember**
#
# - Max pooling sends the gradient to where the maximum was, and nowhere else.
# - A mask holds positions, not values.

# %% [markdown]
# ### 7.3 Sharing an average (optional, 0 points) ★☆☆
#
# **Why.** In average pooling every entry of the window counts, and all count alike: the output is their sum
# divided by their number. Nudge any one of six entries, and the output moves by a sixth of the nudge. So on
# the way back each entry gets the same share of the gradient.

# %% [markdown]
# **Definition.** An array of the given shape, height by width, with
#
# $$\frac{dz}{\text{height} \cdot \text{width}}$$
#
# in every cell. The cells add up to `dz` again: the gradient is spread, nothing of it is lost. (In the
# docstring below, `n_H` and `n_W` are the height and width of this one *window*, not of a layer's output.)

# %% [markdown]
# **Warm-up.** `np.ones(shape)` makes an array of ones of any shape, and `*` with a number scales them all.

# %%
shape = (2, 3)
print(np.ones(shape) * 0.5)
print("entries:", shape[0] * shape[1], "  sum:", np.sum(np.ones(shape) * 0.5))

# %% [markdown]
# **By hand.** A gradient of 6, shared over a 2x2 window, is $6/4 = 1.5$ in each cell, as in the lower half of
# the drawing above. Divide by the *number of cells*. Height plus width is 4 for a 2x2 window as well, and
# wrong for every other shape.

# %% [markdown]
# **Check yourself.** A gradient of -12 is shared over 3 rows and 2 columns. What stands in each cell, and
# what do all cells add up to? And what becomes of a gradient that is shared over a single cell?
#
# <details><summary>Answer</summary>
#
# Each of the six cells holds -2, and together they make -12 again. A single cell keeps the whole gradient.
#
# </details>

# %% [markdown]
# ### Exercise 7: `distribute_value` (optional, 0 points)
#
# **What to write.** Two or three lines: take height and width out of `shape`, work out one share, and return
# an array of that shape with the share in every cell. A share is a fraction even if `dz` is an integer.
#
# **What not to worry about.** Which window it was: the values in it do not matter here.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "distribute_value_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distribute_value(dz, shape):
    """Share a number equally among the cells of a window.

    Parameters
    ----------
    dz : float or int, of any sign; the derivative of the loss with respect to one average
    shape : (n_H, n_W), two integers of at least 1, height and width of the window; they may differ

    Returns
    -------
    a : (n_H, n_W) float array with dz / (n_H * n_W) in every cell

    Notes
    -----
    No error handling is asked for.
    """
    ### BEGIN SOLUTION
    n_H, n_W = shape
    a = np.ones(shape) * dz / (n_H * n_W)
    return a
    ### END SOLUTION


# %% [markdown]
# **Run it.** Each array must add up to the number that was shared.

# %%
for dz, shape in ((6, (2, 2)), (2, (2, 2)), (12, (2, 3))):
    shares = distribute_value(dz, shape)
    print(f"{dz} over {shape}:", shares.tolist(), "sum", np.sum(shares))

# %% [markdown]
# **Test.** Its windows are not all square, and some gradients are negative. If only the 2x2 windows come out
# right, look at what you divide by.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "distribute_value", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
distribute_value_test(distribute_value)

# %% [markdown]
# **Remember**
#
# - An average passes on an equal share to each of its entries; the shares add up to the whole.

# %% [markdown]
# ### 7.4 Pooling, backwards (optional, 0 points) ★★☆
#
# **Why.** Pooling has nothing to learn, but it stands between the loss and the filters. Without its backward
# pass no gradient would reach them. The two small functions above do this for one window; now every window of
# every channel sends its gradient back.

# %% [markdown]
# **Definition.** For every output position and channel, add to the window it came from
#
# $$dA^{\text{prev}}_{\text{window}} \mathrel{+}= \text{mask} \cdot dA_{i,h,w,c} \quad \text{(max)}
# \qquad \text{or} \qquad dA^{\text{prev}}_{\text{window}} \mathrel{+}= \frac{dA_{i,h,w,c}}{f^2} \quad \text{(average)}.$$

# %% [markdown]
# **Warm-up.** In arithmetic `True` counts as 1 and `False` as 0, so a mask times a number puts the number
# where the mask is true.

# %%
where = np.array([[False, True], [False, False]])
print(where * 2.5)
gradient = np.zeros((2, 3))
gradient[0:2, 0:2] += where * 2.5
gradient[0:2, 1:3] += where * 4.0
print(gradient)

# %% [markdown]
# **By hand.** Pool the small image with `f = 2`, stride 1, and let `dA` be
# $\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$. The centre pixel 3 was the maximum of three windows and
# collects $1 + 2 + 3 = 6$; the 4 in the corner won the last one and gets 4. With averages each window spreads
# quarters: the centre lies in all four and gets $(1 + 2 + 3 + 4)/4 = 2.5$.

# %%
by_hand = {
    "max": np.array([[0, 0, 0], [0, 6, 0], [0, 0, 4]]),
    "average": np.array([[0.25, 0.75, 0.5], [1, 2.5, 1.5], [0.75, 1.75, 1]]),
}
draw([X_small, *by_hand.values()], ["X_small", "dA_prev, max", "dA_prev, average"], numbers=True)

# %% [markdown]
# *The same four gradients, on their way back. Both results add up to $1 + 2 + 3 + 4 = 10$: pooling neither
# creates nor loses gradient as long as no maximum is tied.*

# %% [markdown]
# **Check yourself.** With `f` = 3, from how many windows can one pixel collect a gradient at stride 3, and
# from how many at stride 1? Which of the two modes needs the values in `A_prev`?
#
# <details><summary>Answer</summary>
#
# From one at most at stride 3, where windows lie side by side; from up to nine at stride 1, three ways down
# times three across. Only max mode needs the values; for averages the shape of `A_prev` is enough.
#
# </details>

# %% [markdown]
# ### Exercise 8: `pool_backward` (optional, 0 points)
#
# **What to write.** The loops and corners of `pool_forward`, with one `+=` for each mode inside. The mask is
# made from the window of `A_prev`, which is why it is in the cache. Mind the stride in the corners: many
# versions that pass elsewhere have forgotten it, because they were only ever tested with stride 1.
#
# **What not to worry about.** Padding: pooling has none here. Nor ties: the test has none within a window.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "pool_backward_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pool_backward(dA, cache, mode="max"):
    """Carry the derivative of the loss back through pooling.

    Parameters
    ----------
    dA : (m, n_H, n_W, n_C) array of float64, float32 or integers; not modified
        The derivative of the loss with respect to A.
    cache : the tuple (A_prev, hparameters) that pool_forward returned; not modified
        A_prev (m, n_H_prev, n_W_prev, n_C_prev) of these dtypes, any sign, without ties inside a window;
        hparameters "stride" and "f", both int, pixels, at least 1, in either order
    mode : "max" (also if left out) or "average", as in the forward pass

    Returns
    -------
    dA_prev : (m, n_H_prev, n_W_prev, n_C_prev) float array, derivative of the loss with respect to A_prev

    Steps
    -----
    1. Unpack the cache and read the sizes of A_prev and dA, stride and f (4-5 lines).
    2. Start dA_prev as a float array of zeros, float even if A_prev is integer (1 line).
    3. Loop over the examples i, rows h, columns w and channels c of dA (4 lines).
    4. Find the four corners of the window (4 lines).
    5. For "max": cut the window out of A_prev, make its mask, add mask times dA[i, h, w, c] (3 lines).
    6. For "average": add dA[i, h, w, c] shared over (f, f) (1-2 lines).

    Notes
    -----
    Any stride (smaller than f, equal, or larger), height and width that differ, rows left over (with gradient
    0), m = 1 and views of larger arrays must work. You may call create_mask_from_window and
    distribute_value, and need not. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    A_prev, hparameters = cache
    stride = hparameters["stride"]
    f = hparameters["f"]
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)

    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    if mode == "max":
                        window = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                        share = create_mask_from_window(window) * dA[i, h, w, c]
                    else:
                        share = distribute_value(dA[i, h, w, c], (f, f))
                    dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share

    return dA_prev
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand, and on a random batch. Expect `dA_prev[1, 1]` to have one row that is not
# zero in max mode, beginning with 5.05844394, and no zero at all in average mode, beginning with 0.08485462.

# %%
dA = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
for mode, expected in by_hand.items():
    dA_prev = pool_backward(dA, (X_small.reshape(1, 3, 3, 1), {"stride": 1, "f": 2}), mode=mode)
    assert np.allclose(dA_prev[0, :, :, 0], expected), f"mode {mode}: see the drawing by hand"

np.random.seed(1)
A_prev = np.random.randn(5, 5, 3, 2)
_, cache_pool = pool_forward(A_prev, {"stride": 1, "f": 2})
dA = np.random.randn(5, 4, 2, 2)
print("mean of dA =", np.mean(dA))
for mode in ("max", "average"):
    dA_prev = pool_backward(dA, cache_pool, mode=mode)
    print(f"{mode}: dA_prev[1, 1] =\n{dA_prev[1, 1]}")

# %% [markdown]
# **Test.** If averages pass and maxima do not, look at where the window for the mask is cut from. If stride 1
# passes and stride 2 does not, look at the corners.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "pool_backward", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false}
pool_backward_test(pool_backward)

# %% [markdown]
# **Remember**
#
# - A layer without parameters still needs a backward pass, for the layers below it.
# - Maximum: the gradient goes to one place. Average: everyone gets a share. Where windows overlap, add.

# %% [markdown]
# ## 8. It learns
#
# Now your functions become a network that reads handwritten digits of 8x8 pixels: a "same" convolution with
# four 3x3 filters, ReLU, max pooling with `f = 2` and stride 2, and one dense layer that turns the remaining
# 64 numbers into ten scores. There is nothing to write here and there are no points to win.

# %% [markdown]
# | layer | output | parameters |
# | --- | --- | ---: |
# | images | (m, 8, 8, 1) | |
# | convolution, four 3x3 filters, `pad` 1 | (m, 8, 8, 4) | 4 · (9 + 1) = 40 |
# | ReLU | (m, 8, 8, 4) | 0 |
# | max pooling, `f` 2, stride 2 | (m, 4, 4, 4) | 0 |
# | dense | (m, 10) | 64 · 10 + 10 = 650 |
# | softmax | (m, 10) | 0 |
#
# Run the cells one after the other; together they take well under two minutes. If section 7 is still open,
# *Run All* stops there: click on the next cell and choose *Run, Run Selected Cell and All Below*.

# %% [markdown]
# The next cell looks at what is there. With `conv_forward` and `pool_forward` alone the filters stay as they
# were drawn, and only the dense layer learns. If `conv_backward` and `pool_backward` run too, the filters
# learn as well.

# %% tags=["training", "skip-execution"]
CONV, POOL = {"stride": 1, "pad": 1}, {"stride": 2, "f": 2}
x, y = np.ones((2, 5, 7, 1)), np.ones((2, 2, 3, 1))
W, b = np.ones((3, 3, 1, 1)), np.zeros((1, 1, 1, 1))
trials = {  # a call on a tiny input, and the shape of what must come out
    "conv_forward": (lambda: conv_forward(x, W, b, CONV)[0], x.shape),
    "pool_forward": (lambda: pool_forward(x, POOL, mode="max")[0], y.shape),
    "conv_backward": (lambda: conv_backward(x, (x, W, b, CONV))[0], x.shape),
    "pool_backward": (lambda: pool_backward(y, (x, POOL), mode="max"), x.shape),
}
open_tasks = {}
for name, (trial, shape) in trials.items():
    try:
        result = trial()
        assert result.shape == shape, f"its output has shape {result.shape}, expected {shape}"
    except Exception as error:  # whatever stops it, the section goes on without it
        open_tasks[name] = str(error) if str(error).startswith(name) else f"{name}: {error}"

# %% tags=["training", "skip-execution"]
runs = not {"conv_forward", "pool_forward"} & set(open_tasks)
filters_learn = not open_tasks
if filters_learn:
    print("Both halves are there: the filters learn, and so does the dense layer.")
elif runs:
    print("The forward half is there: the filters stay fixed, the dense layer learns. Still open:")
    print("  " + "; ".join(open_tasks.values()))
else:
    waiting = "; ".join(reason for name, reason in open_tasks.items() if name.endswith("forward"))
    print("This section waits for the forward half; until then its cells do nothing. Open: " + waiting)

# %% [markdown]
# **The data** are 1797 handwritten digits (E. Alpaydin and C. Kaynak, CC BY 4.0; see the NOTICE beside the
# file). Each was a picture of 32x32 dots, black or white; each of the 8x8 numbers that are left counts the
# inked dots in one block of 4x4. That is average pooling with `f = 4` and stride 4, times 16.

# %% [markdown]
# They lie in one HDF5 file, a format for large arrays: `file["images"]` names an array inside, and `[:]`
# reads it. We divide by 16 and set the last 300 aside. The network never learns from those, so they tell what
# it can do with digits it has not seen.

# %% tags=["training", "skip-execution"]
try:
    with h5py.File("data/digits.h5", "r") as file:
        images = file["images"][:][:, :, :, np.newaxis] / 16  # (1797, 8, 8, 1), from 0 to 1
        labels = file["labels"][:].astype(int)
    has_digits = True
    train_images, train_labels = images[:500], labels[:500]
    test_images, test_labels = images[-300:], labels[-300:]
except (OSError, KeyError):
    has_digits = False
    print("No digits: data/digits.h5 is missing or cannot be read, so the training cells below do nothing.")
    print("The file is in the release of this assignment: download it again or ask your instructor,")
    print("put the file into a folder named data beside this notebook, and run this section again.")

if has_digits:
    axes = panels([f"label {label}" for label in labels[:8]], "w", "h", size=(1.3, 1.6))
    for ax, image in zip(axes, images, strict=False):
        ax.imshow(image[:, :, 0], cmap="gray")
    plt.show()

# %% [markdown]
# **The given parts, forward.** ReLU replaces negative numbers by 0. The dense layer is a matrix product.
# Softmax turns ten scores into ten probabilities; subtracting the largest score first changes nothing and
# keeps `exp` from overflowing. Cross-entropy is the mean of $-\log p$, with $p$ the probability given to the
# right digit.


# %% tags=["training", "skip-execution"]
def relu(Z):
    """Replace negative entries by 0; any shape."""
    return np.maximum(Z, 0)


def dense(A, W, b):
    """Return A W + b: A (m, n_prev), W (n_prev, n), b (n,) give (m, n)."""
    return A @ W + b


def softmax(scores):
    """Turn each row of scores (m, n) into probabilities that add up to 1."""
    powers = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return powers / np.sum(powers, axis=1, keepdims=True)


def cross_entropy(probabilities, labels):
    """Return the mean of -log of the probability of the right label; labels (m,) integers."""
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels]))


# %% [markdown]
# **The given parts, backward.** ReLU lets the gradient through where its input was positive. The dense layer
# follows the rule of section 7. Softmax and cross-entropy together have a derivative worth remembering: the
# probabilities, minus 1 at the right label, divided by the number of examples.


# %% tags=["training", "skip-execution"]
def relu_backward(dA, Z):
    """Return dA where Z was positive and 0 elsewhere."""
    return dA * (Z > 0)


def dense_backward(dZ, A, W):
    """Return the derivatives with respect to A, W and b, each of the shape of its array."""
    return dZ @ W.T, A.T @ dZ, np.sum(dZ, axis=0)


def cross_entropy_backward(probabilities, labels):
    """Return the derivative of the loss with respect to the scores that went into softmax, (m, n)."""
    dscores = probabilities.copy()
    dscores[np.arange(len(labels)), labels] -= 1
    return dscores / len(labels)


# %% [markdown]
# **Your part.** `features` runs your forward half: images in, a flat row of numbers per image out. The
# filters start at random, with a spread that keeps the size of the numbers; the dense layer starts close to
# zero.


# %% tags=["training", "skip-execution"]
def start_parameters(n_filters, n_features, seed, spread=0.01):
    """Draw the parameters: W1 and b1 for the convolution, W2 and b2 for the dense layer."""
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(0, np.sqrt(2 / 9), size=(3, 3, 1, n_filters)),
        "b1": np.zeros((1, 1, 1, n_filters)),
        "W2": rng.normal(0, spread, size=(n_features, 10)),
        "b2": np.zeros(10),
    }


def features(images, parameters):
    """Return the pooled features, one row per image, and what the way back needs."""
    Z, conv_cache = conv_forward(images, parameters["W1"], parameters["b1"], CONV)
    A, pool_cache = pool_forward(relu(Z), POOL, mode="max")
    return A.reshape(len(images), -1), (Z, A.shape, conv_cache, pool_cache)


# %% [markdown]
# The last function puts it together: from features to the loss, and back to the gradient of every parameter.
# Given the way back through your layers it goes all the way to the filters and the images; without it, it
# stops at the dense layer.


# %% tags=["training", "skip-execution"]
def loss_and_gradients(flat, labels, parameters, way_back=None):
    """Return the loss and a dictionary of its gradients; without ``way_back`` those of W2 and b2 only."""
    probabilities = softmax(dense(flat, parameters["W2"], parameters["b2"]))
    loss = cross_entropy(probabilities, labels)
    dscores = cross_entropy_backward(probabilities, labels)
    dflat, dW2, db2 = dense_backward(dscores, flat, parameters["W2"])
    gradients = {"W2": dW2, "b2": db2}
    if way_back is not None:
        Z, pooled_shape, conv_cache, pool_cache = way_back
        dA = pool_backward(dflat.reshape(pooled_shape), pool_cache, mode="max")
        dZ = relu_backward(dA, Z)
        gradients["images"], gradients["W1"], gradients["b1"] = conv_backward(dZ, conv_cache)
    return loss, gradients


# %% [markdown]
# **First rung: the loss at the start.** A network that knows nothing should give each of the ten digits a
# probability near 1/10, so its loss should be near $-\ln(1/10) = \ln 10 \approx 2.303$. If it is not,
# something is wrong before any learning has begun.

# %% tags=["training", "skip-execution"]
if runs:
    parameters = start_parameters(n_filters=4, n_features=64, seed=0)
    rng = np.random.default_rng(1)
    random_images, random_labels = rng.normal(size=(10, 8, 8, 1)), np.arange(10)
    loss, _ = loss_and_gradients(features(random_images, parameters)[0], random_labels, parameters)
    print(f"loss at the start {loss:.4f}, ln 10 = {np.log(10):.4f}")
    assert abs(loss - np.log(10)) < 0.1, "the loss of a network that knows nothing should be near ln 10"

# %% [markdown]
# **Second rung: check the gradient.** Do not trust a derivative, measure it: move one entry up and down by a
# tiny step, and see how far the loss goes. This *central difference*, two forward passes for each entry, is
# slow but hard to get wrong. It must agree with what backpropagation says for the same entry.


# %% tags=["training", "skip-execution"]
def slopes(loss_of, array, step=1e-5):
    """Estimate the derivative of loss_of() with respect to each entry of ``array``, restored afterwards."""
    estimate = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = loss_of()
        array[index] = kept - step
        below = loss_of()
        array[index] = kept
        estimate[index] = (above - below) / (2 * step)
    return estimate


# %% [markdown]
# We take two small random images, 5x7 pixels so that height and width differ and a row and a column are left
# over. Why not digits? Their margins are blank, so whole windows hold equal numbers and the maximum is tied.
# At a tie the slope has a kink, and the two methods may rightly disagree. The error below is relative: expect
# 1e-10 or so, certainly less than 1e-6.

# %% tags=["training", "skip-execution"]
if runs:
    rng = np.random.default_rng(2)
    probe = start_parameters(n_filters=2, n_features=2 * 3 * 2, seed=3, spread=0.5)
    probe["b1"] += 0.1
    probe["images"], probe_labels = rng.normal(size=(2, 5, 7, 1)), np.array([3, 8])

    def probe_loss():
        return loss_and_gradients(features(probe["images"], probe)[0], probe_labels, probe)[0]

    flat, way_back = features(probe["images"], probe)
    _, gradients = loss_and_gradients(flat, probe_labels, probe, way_back if filters_learn else None)
    errors = {}
    for name, gradient in gradients.items():
        estimate = slopes(probe_loss, probe[name])
        errors[name] = np.max(np.abs(gradient - estimate)) / np.max(np.abs(gradient) + np.abs(estimate))
        print(f"gradient of {name:6s} {gradient.size:4d} entries, relative error {errors[name]:.1e}")
    assert max(errors["W2"], errors["b2"]) < 1e-6, "the gradient of the dense layer does not fit the loss"
    if not np.max(list(errors.values())) < 1e-6:
        filters_learn = False
        print("The backward half does not fit the forward half yet, so the filters stay fixed below.")

# %% [markdown]
# **Learning** is one line: move every parameter a little against its gradient. We do it ten images at a time,
# in a fresh random order in each round over the data, called an *epoch*. If the filters are fixed, so are
# their answers, and it is enough to compute the features once.


# %% tags=["training", "skip-execution"]
def train(parameters, images, labels, epochs, report_every, rate=0.4, batch=10):
    """Change ``parameters`` in place by gradient descent; return the mean loss of every epoch."""
    rng = np.random.default_rng(0)
    losses = []
    fixed = None if filters_learn else features(images, parameters)[0]
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(images))
        batch_losses = []
        for some in np.split(order, range(batch, len(order), batch)):
            flat, way_back = (fixed[some], None) if fixed is not None else features(images[some], parameters)
            loss, gradients = loss_and_gradients(flat, labels[some], parameters, way_back)
            for name in parameters.keys() & gradients.keys():
                parameters[name] -= rate * gradients[name]
            batch_losses.append(loss)
        losses.append(np.mean(batch_losses))
        if epoch % report_every == 0:
            print(f"epoch {epoch:3d}   loss {losses[-1]:.3f}", flush=True)
    return losses


# %% tags=["training", "skip-execution"]
def predict(images, parameters):
    """Return the probabilities of the ten digits, (m, 10)."""
    return softmax(dense(features(images, parameters)[0], parameters["W2"], parameters["b2"]))


def accuracy(probabilities, labels):
    """Return the share of images whose most probable digit is the right one, from 0 to 1."""
    return np.mean(np.argmax(probabilities, axis=1) == labels)


# %% [markdown]
# **Third rung: overfit twenty images.** A network that cannot learn twenty digits by heart will not learn
# five hundred. Here the loss must fall below 0.1 and all twenty must be right. Knowing by heart is not
# understanding, though: look at the test accuracy in the last line.

# %% tags=["training", "skip-execution"]
if runs and has_digits:
    parameters = start_parameters(n_filters=4, n_features=64, seed=0)
    few_images, few_labels = train_images[:20], train_labels[:20]
    epochs = 40 if filters_learn else 400
    losses = train(parameters, few_images, few_labels, epochs, report_every=epochs // 4)
    by_heart = accuracy(predict(few_images, parameters), few_labels)
    print(f"right: {by_heart:.0%} of the 20 images")
    print(f"right: {accuracy(predict(test_images, parameters), test_labels):.0%} of the test images")
    assert losses[-1] < 0.1 and by_heart == 1, "twenty images should be learned by heart"

# %% [markdown]
# **Fourth rung: learn.** Five hundred digits, a few rounds, and then the three hundred that were set aside.
# Guessing would get one in ten right.

# %% tags=["training", "skip-execution"]
if runs and has_digits:
    parameters = start_parameters(n_filters=4, n_features=64, seed=0)
    filters_before = parameters["W1"].copy()
    epochs = 8 if filters_learn else 40
    losses = train(parameters, train_images, train_labels, epochs, report_every=epochs // 8)
    probabilities = predict(test_images, parameters)
    test_accuracy = accuracy(probabilities, test_labels)
    print(f"right: {accuracy(predict(train_images, parameters), train_labels):.1%} of the training images")
    print(f"right: {test_accuracy:.1%} of the test images")
    assert losses[-1] < 0.3 and test_accuracy > 0.8, "expected a loss below 0.3 and more than 80% right"

# %% tags=["training", "skip-execution"]
if runs and has_digits:
    which = "filters learn" if filters_learn else "filters fixed"
    (ax,) = panels([f"500 digits, {which}"], "epoch", "mean loss")
    ax.plot(range(1, len(losses) + 1), losses, marker="o", markersize=3, label="training")
    ax.axhline(np.log(10), color="black", linestyle=":", label="ln 10, knowing nothing")
    ax.set_ylim(bottom=0)
    ax.legend()
    plt.show()

# %% [markdown]
# Every epoch's loss is an average over a network that is still changing, so the first point already lies
# below $\ln 10$. And mind the gap between the two percentages: part of what it learned holds for its five
# hundred images only.

# %% [markdown]
# Now look at the filters, before and after. With nine entries each, do not expect works of art. A filter with
# a light and a dark part measures a difference across a stroke, much like the ones set by hand in section 5.
# If the filters learned, several keep the pattern they began with and strengthen it.

# %% tags=["training", "skip-execution"]
if runs and has_digits:
    largest = max(np.max(np.abs(filters_before)), np.max(np.abs(parameters["W1"])))
    after = "after" if filters_learn else "after (fixed)"
    for filters, when in ((filters_before, "before"), (parameters["W1"], after)):
        names = [f"filter {c}, {when}" for c in range(4)]
        draw([filters[:, :, 0, c] for c in range(4)], names, size=(2.3, 1.8), vmin=-largest, vmax=largest)

# %% [markdown]
# Last, some digits that it read right and some that it did not, each with the probability of its answer.
# Would you have known better?

# %% tags=["training", "skip-execution"]
if runs and has_digits:
    answers = np.argmax(probabilities, axis=1)
    right, wrong = np.flatnonzero(answers == test_labels), np.flatnonzero(answers != test_labels)
    for shown in (right[:6], wrong[:6]):
        best = np.max(probabilities, axis=1)
        titles = [f"true {test_labels[i]}, read {answers[i]}\n{best[i]:.1%}" for i in shown]
        for ax, i in zip(panels(titles, "w", "h", size=(1.6, 2.0)) if titles else (), shown, strict=True):
            ax.imshow(test_images[i, :, :, 0], cmap="gray")
        plt.show()

# %% [markdown]
# On images this small, fixed random filters do surprisingly well: they give the dense layer many different
# views of the same strokes, and that is often enough. On larger images, with many layers, learned filters win
# by far.
#
# If you have both halves, note your numbers, set `filters_learn = False` in a new cell above the overfitting
# cell, run on from there, and compare the two loss curves. Mind their axes: with fixed filters a round costs
# next to nothing, so there are 40 of them instead of 8. Compare where the curves end, and what the test
# images say.

# %% [markdown]
# ## 9. What to remember
#
# - A convolution is one small sum, asked at many places: window times filter, added up, plus bias.
# - $n_H = \lfloor (n_{H,\text{prev}} - f + 2\,\text{pad})/\text{stride} \rfloor + 1$. Work it out before you
#   run.
# - Padding can keep the size, and treats the border more fairly.
# - Pooling saves computation, forgives small shifts, has no parameters and still carries a gradient.
# - Backwards, whatever touched several outputs adds up what comes from each; the `cache` remembers what was
#   touched.
# - Climb the ladder with every new network: loss at the start, gradient check, overfit a few, train, look.

# %% [markdown]
# ## 10. Open questions
#
# No points, and no single right answer for some of them. They make good company on the way home.
#
# 1. ★☆☆ Which `pad` gives a "same" convolution for `f` = 5? What could one do for an even `f`, where
#    $(f - 1)/2$ is not a whole number?
# 2. ★☆☆ Why is ReLU not inside `conv_forward`? Name something that would become harder if it were.
# 3. ★☆☆ Pooling returns no `dW` and no `db`. Why is there no gradient with respect to its parameters, and why
#    does it need a backward pass all the same?
# 4. ★☆☆ Start every number of the network at the same value, and its filters stay the same as each other for
#    ever. Why? And if only the filters start equal, while the dense layer starts at random?

# %% [markdown]
# 5. ★★☆ The ring could repeat the border pixels instead of zeros. Where would your feature maps of the disc
#    and the bar change, and where not? Try it on a picture that is bright up to its border.
# 6. ★★☆ A layer of 3x3 filters turns a 100x100x256 input into a 100x100x256 output. How many multiplications
#    is that, how many parameters without the biases, how many output numbers to keep? Now put a 1x1
#    convolution to 64 channels in front of it. Which of the three counts goes up?
# 7. ★★☆ Two 3x3 convolutions in a row see a 5x5 part of the image. What do they have over a single 5x5 one,
#    in parameters and in what they can express?
# 8. ★★☆ Write the sum of section 5 without the loop over `c`, as one product of arrays. Then without the loop
#    over `i`. How much faster does it get, and what does it cost in memory?
# 9. ★★☆ With stride 2 and no padding, some pixels may never be read. What is their `dA_prev`, and is that
#    right?

# %% [markdown]
# 10. ★★★ The margins of the digits are blank, so all entries of a pooling window may tie. What does your mask
#     do to the gradient of the bias there? What would a gradient check on digits report, and why does
#     training work anyway?
# 11. ★★★ Show that for `b = 0` the sum of `conv_forward(x) * y` equals the sum of `x * dA_prev`, with
#     `dA_prev` from `conv_backward(y)`. What does this say about the matrix that a convolution is?
# 12. ★★★ Cross-correlation or convolution: turn every filter by 180 degrees in the forward pass. What changes
#     in `dA_prev`, what in `dW`, and what in the accuracy after training?
