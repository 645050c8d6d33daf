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
# # Convolutions on paper
#
# Four questions about convolutions are usually asked with pencil and paper only: what happens when image and
# filter swap roles, what a filter of one pixel is good for, what a layer costs, and why its gradient is a
# convolution again. Here you answer each of them twice, in a function that can be tested and in sentences
# that can convince somebody.

# %% [markdown]
# **When you are done, you can**
#
# - turn a filter by 180 degrees, and say when that matters and when it does not;
# - compute a wide convolution, and prove that image and filter may swap roles in it;
# - read a 1x1 kernel as a matrix that mixes channels, and say what it is used for;
# - count multiplications, activations and parameters of a layer before you build it;
# - write a convolution as a matrix, and get its backward pass by transposing that matrix.

# %% [markdown]
# ## Time and points
#
# Plan about two and a half hours. More stars mean harder. Functions are tested by a program, answers in words
# are read by a person.
#
# | section | you write | points | read by | difficulty | minutes |
# | --- | --- | ---: | --- | :---: | ---: |
# | 2. Half a turn | `rot180` | 5 | program | ★☆☆ | 10 |
# | 3. Wide convolution | `wide_convolve` | 15 | program | ★★☆ | 20 |
# | | question A: swapping roles | 10 | person | ★★★ | 20 |
# | 4. 1x1 kernels | `conv_1x1` | 10 | program | ★☆☆ | 15 |
# | | question B: what they are good for | 10 | person | ★★☆ | 15 |
# | 5. What a layer costs | `conv_cost` | 10 | program | ★☆☆ | 10 |
# | | question C: what is saved | 8 | person | ★★☆ | 10 |
# | 6. A convolution is a matrix | `conv_matrix` | 20 | program | ★★★ | 25 |
# | 7. Backwards is the transpose | question D: the derivation | 12 | person | ★★★ | 25 |

# %% [markdown]
# ## How to work
#
# - **Functions.** Replace `# YOUR CODE HERE` and the `raise` line below it by your code. The text between the
#   triple quotes says what goes in and what must come out. Then run the test below: it prints one line, or
#   says which input fails and which rule to look at.
# - **Answers.** Replace *YOUR ANSWER HERE*. Full sentences; formulas between dollar signs or in plain text,
#   as you like. What counts is the argument, not its length.
# - Keep the names of the functions and of their arguments: the grader finds your work by them.

# %% [markdown]
# ## Handing in
#
# - Save the notebook, then hand in this one file.
# - Warnings and printed text never cost marks, and the grader calls your functions with fresh inputs of the
#   kind that their docstrings describe.
# - The feedback page comes at once for the functions, which make 60 of the 100 points. The 40 points for your
#   answers follow when somebody has read them.

# %% [markdown]
# ## Notation
#
# Sections 2, 3, 6 and 7 are about single matrices: one image of one channel, one filter. Section 4 is about
# batches again, with axes in the order example, row, column, channel.
#
# | symbol | shape or kind | meaning |
# | --- | --- | --- |
# | `X` | `(M, N)` | an image |
# | `W` | `(U, V)`, or `(f, f)` if it is square | a filter |
# | `Y` | `(M + U - 1, N + V - 1)` | a wide convolution |
# | `A_prev`, `Z` | `(m, n_H, n_W, n_C_prev)`, `(m, n_H, n_W, n_C)` | input and output of a 1x1 kernel |
# | `stride`, `pad` | integers, pixels | step of the window (at least 1), width of the ring of zeros (0: none) |
# | `x`, `C` | `(n_H * n_W,)`, `(outputs, n_H * n_W)` | an image as a vector, row after row; a convolution's matrix |
# | `dZ`, `dA`, `dW`, `db` | like `Z`, the input, `W`, `b` | derivative of the loss with respect to that array |

# %% [markdown]
# ## 1. Packages
#
# NumPy does the arithmetic, Matplotlib draws, and `public_tests` holds one test for each function. Run this
# cell first, and again whenever you restart the kernel.

# %%
import matplotlib.pyplot as plt
import numpy as np
from public_tests import *

# %% [markdown]
# All pictures go through one small function. You need not read it closely.


# %%
def draw(images, titles, *, numbers=False, labels=("column", "row"), size=(3.2, 2.5), colours="cividis"):
    """Draw arrays side by side, each with a title and named axes; write the values in if ``numbers`` is true."""
    figsize = (size[0] * len(images), size[1])
    _, axes = plt.subplots(1, len(images), figsize=figsize, squeeze=False, layout="constrained")
    for ax, image, title in zip(axes[0], images, titles, strict=True):
        picture = ax.imshow(image, cmap=colours)
        ax.set(title=title, xlabel=labels[0], ylabel=labels[1])
        ax.locator_params(integer=True)
        if image.ndim == 2:  # the third axis of a photograph is its colour, which needs no scale
            ax.figure.colorbar(picture, ax=ax)
        for (h, w), value in np.ndenumerate(image) if numbers else ():
            ink = "white" if picture.norm(value) < 0.5 else "black"
            ax.text(w, h, f"{value:g}", ha="center", va="center", color=ink)
    plt.show()


# %% [markdown]
# The small example of the first notebook comes back here in every section: a 3x3 image and a 2x2 filter. When
# your function does something odd, try it on these numbers first. You know what must come out.

# %%
X_small = np.array([[2, 0, 1], [1, 3, 2], [0, 1, 4]])
W_small = np.array([[1, -1], [0, 2]])

draw([X_small, W_small], ["X_small", "W_small"], numbers=True)

# %% [markdown]
# ## 2. Half a turn (5 points) ★☆☆
#
# **Why.** Mathematicians turn a filter by 180 degrees before they slide it, people who train networks do not.
# For a network it makes no difference, since it learns its filters and would simply learn the turned ones. It
# does make a difference for what can be *proved*, and the turned filter comes back by itself in section 7, in
# the gradient. So first, the turn.

# %% [markdown]
# **Definition.** Half a turn moves every entry to the opposite place. With rows and columns counted from 0,
#
# $$\text{rot180}(X)_{i,j} = X_{M-1-i,\; N-1-j}.$$
#
# Rows come in reverse order, and so do the columns. The shape stays `(M, N)`.

# %% [markdown]
# **Warm-up.** A slice may have a step, and a negative step walks backwards. An axis that is not mentioned
# stays as it is.

# %%
row = np.array([1, 2, 3, 4])
print(row[::-1])
table = np.array([[1, 2, 3], [4, 5, 6]])
print(table[::-1])  # the rows in reverse order; within a row nothing has changed

# %% [markdown]
# **By hand.** The last row of the small image is 0, 1, 4. Read backwards it becomes the first: 4, 1, 0. The
# middle row 1, 3, 2 stays in the middle and becomes 2, 3, 1. The first row comes last, as 1, 0, 2.
#
# $$\begin{pmatrix} 2 & 0 & 1 \\ 1 & 3 & 2 \\ 0 & 1 & 4 \end{pmatrix}
# \;\longrightarrow\;
# \begin{pmatrix} 4 & 1 & 0 \\ 2 & 3 & 1 \\ 1 & 0 & 2 \end{pmatrix}$$

# %% [markdown]
# **Check yourself.** What is left of a filter after two half turns? And is half a turn the same as
# transposing?
#
# <details><summary>Answer</summary>
#
# The filter itself: two half turns are a whole one. Transposing is something else. It mirrors at the
# diagonal, so a (2, 5) matrix becomes a (5, 2) one, while half a turn keeps the shape.
#
# </details>

# %% [markdown]
# ### Exercise 1: `rot180`
#
# **What to write.** One line: the two slices of the warm-up at once.
#
# **What not to worry about.** Whether the result is a copy or a view of `X`. Only do not write into `X`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rot180_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rot180(X):
    """Turn a matrix by 180 degrees.

    Parameters
    ----------
    X : (M, N) array of float64, float32 or integers, of any sign; not modified

    Returns
    -------
    R : (M, N) array; R[i, j] is X[M - 1 - i, N - 1 - j]

    Notes
    -----
    M and N may differ, and either may be 1. X may be a view of a larger array. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    both_axes_backwards = X[::-1, ::-1]
    return both_axes_backwards
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand, and then twice on a matrix that is not square: it must come back.

# %%
turned = rot180(X_small)
print(turned)
assert turned.tolist() == [[4, 1, 0], [2, 3, 1], [1, 0, 2]], "by hand, the first row is 4, 1, 0"

np.random.seed(1)
oblong = np.random.randn(2, 5)
print("one half turn keeps the shape:", rot180(oblong).shape)
assert np.array_equal(rot180(rot180(oblong)), oblong), "two half turns must give the matrix back"

# %% [markdown]
# **Test.** If only the square matrix fails, look whether you mirrored at a diagonal; if every second number
# is right, one of the two axes still runs forwards.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "rot180", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
rot180_test(rot180)

# %% [markdown]
# **Remember**
#
# - Half a turn reverses both axes, and two of them change nothing.
# - A filter that is learned need not be turned. A formula that is proved may need it.

# %% [markdown]
# ## 3. Wide convolution (25 points) ★★☆
#
# **Why.** Without padding a window must lie inside the image, and border pixels are seen by few windows. Let
# it hang over the edge instead, as far as it still touches one pixel. Then every pixel meets every entry of
# the filter exactly once, corners included. Nothing is treated worse for lying at the border, and that is
# what makes this convolution the one that proofs are about.

# %% [markdown]
# **Definition.** Surround `X` with $U-1$ rows of zeros above and below, and $V-1$ columns left and right.
# With that padded image $P$, slide `W` as it is, with stride 1:
#
# $$Y_{i,j} = \sum_{u=0}^{U-1} \sum_{v=0}^{V-1} P_{i+u,\; j+v}\, W_{u,v}.$$
#
# The result is *larger* than the image: $M + 2(U-1) - U + 1 = M+U-1$ rows, and likewise $N+V-1$ columns. Some
# call this "full" convolution.

# %% [markdown]
# **Warm-up.** `np.pad` takes a pair `(before, after)` for each axis, so rows and columns can get rings of
# different width.

# %%
print(np.pad(np.array([[1, 2, 3]]), ((1, 1), (2, 2))))

# %% [markdown]
# **By hand.** A 2x2 filter needs a ring of 1, so `X_small` becomes 5x5 and the result is 4x4. Of the first
# window only one pixel belongs to the image, the 2 in its corner. It lies under the 2 of the filter.
#
# ![X, 3 x 3, in a ring of zeros one cell wide, and the 2 x 2 filter W with the numbers 1, -1, 0, 2. Of the top-left window only the lower right cell, a 2, belongs to X. It lies under the 2 of W and gives 4, which is Y[0, 0] of the 4 x 4 result.](images/wide.svg)
#
# *The first window: 0 · 1 + 0 · (-1) + 0 · 0 + 2 · 2 = 4, which is `Y[0, 0]`. The four numbers 8, 3, 0, 9 in
# the middle are the convolution without padding.*

# %% [markdown]
# **Check yourself.** `X` is (5, 7) and `W` is (3, 2): which shape does `Y` have? And what do all numbers of
# `Y` add up to, if those of `X` add up to 14 and those of `W` to 2?
#
# <details><summary>Answer</summary>
#
# (7, 8). The sum is 28: every pixel meets every entry of the filter once, so the sum of all products is
# $14 \cdot 2$. With `X_small` and `W_small` you can add up the sixteen numbers of the drawing.
#
# </details>

# %% [markdown]
# ### Exercise 2: `wide_convolve`
#
# **What to write.** Pad `X`, then two loops over the positions of the output. The ring has $U-1$ rows and
# $V-1$ columns; `W` need not be square, so keep the two apart. `W` may even be larger than `X`: with this
# ring it still works.
#
# **What not to worry about.** Turning. This function slides `W` as it comes; whoever wants it turned calls
# `rot180` first.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "wide_convolve_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def wide_convolve(X, W):
    """Slide a filter over an image, as far over the edge as it still touches a pixel.

    Parameters
    ----------
    X : (M, N) array of float64, float32 or integers, the image; not modified
    W : (U, V) array of the same kind, the filter, laid on as it is and not turned; not modified

    Returns
    -------
    Y : (M + U - 1, N + V - 1) array; Y[i, j] is the sum of P[i + u, j + v] * W[u, v] over all u and v, where P is
        X inside U - 1 rows of zeros above and below and V - 1 columns of zeros left and right

    Steps
    -----
    1. Read the sizes of X and W (2 lines).
    2. Pad X (1 line).
    3. Start Y as an array of zeros of the right size (1 line).
    4. Loop over rows i and columns j of Y, cut the window out, multiply by W and add up (4 lines).

    Notes
    -----
    X and W need not be square, W may be larger than X, and any side may be 1. X and W may be views of larger
    arrays. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    M, N = X.shape
    U, V = W.shape
    P = np.pad(X, ((U - 1, U - 1), (V - 1, V - 1)))
    Y = np.zeros((M + U - 1, N + V - 1))
    for i in range(M + U - 1):
        for j in range(N + V - 1):
            window = P[i : i + U, j : j + V]
            Y[i, j] = np.sum(window * W)
    return Y
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand. Then with an image of one pixel: what comes out is the filter, turned.

# %%
Y = wide_convolve(X_small, W_small)
print(Y)
assert Y.shape == (4, 4), f"3 + 2 - 1 = 4 rows and columns, yours has shape {Y.shape}"
assert Y.tolist() == [[4, 0, 2, 0], [0, 8, 3, 1], [-1, 0, 9, 2], [0, -1, -3, 4]], "see the drawing"

print(wide_convolve(np.array([[1]]), W_small))

# %% [markdown]
# **Test.** If the middle is right and the border is not, look at the ring; if the shape is right only for
# square filters, rows and columns of the ring are mixed up.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "wide_convolve", "locked": true, "points": 15, "schema_version": 3, "solution": false, "task": false}
wide_convolve_test(wide_convolve)

# %% [markdown]
# **See it work.** Image and filter are two matrices, so nothing keeps us from sliding the image over the
# filter. Slide each of them turned, and compare. Then leave the turning out.

# %%
print("W turned, over X:\n", wide_convolve(X_small, rot180(W_small)))
print("X turned, over W:\n", wide_convolve(W_small, rot180(X_small)))
print("W as it is, over X:\n", wide_convolve(X_small, W_small))
print("X as it is, over W:\n", wide_convolve(W_small, X_small))

np.random.seed(2)
for shape_X, shape_W in (((3, 3), (2, 2)), ((5, 4), (2, 3)), ((1, 6), (4, 2))):
    X, W = np.random.randn(*shape_X), np.random.randn(*shape_W)
    turned_first = np.allclose(wide_convolve(X, rot180(W)), wide_convolve(W, rot180(X)))
    as_they_are = np.allclose(wide_convolve(X, W), rot180(wide_convolve(W, X)))
    print(f"X {shape_X}, W {shape_W}: equal with turning {turned_first}, half a turn apart without {as_they_are}")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "roles_question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question A: image and filter swap roles (10 points) ★★★
#
# Examples are no proof. Show for all `X` and `W` that sliding `rot180(W)` over `X` gives the same as sliding
# `rot180(X)` over `W`. Then say why, without turning, the two results are half a turn apart.
#
# A hint: write $X_{a,b} = 0$ for every place outside the image, so that the ring needs no special case, and
# look at the indices of the two numbers that meet in one product. Five to ten lines are enough.
#
# ### BEGIN MARK SCHEME
# **Mark scheme, 10 points**
#
# - 2: the output is written as a sum over products, with zeros outside (or with limits that are right).
# - 3: the index of the turned filter is put in and the sum is renumbered, so that it runs over pairs whose
#   indices *add up* to the place in the output.
# - 2: that description does not say which matrix is image and which is filter, so swapping changes nothing.
# - 1: both results have the same shape, or: the sums run over the same pairs.
# - 2: without turning, *differences* of indices count; swapping turns their sign, which is half a turn.
#
# Also full: a proof by polynomials in two variables (coefficients of a product), or by Fourier transforms if
# the sizes are argued. At most 4 points for examples, however many. Slips by one in an index cost 1 point
# once.
# ### END MARK SCHEME

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "roles", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Let $X_{a,b} = 0$ outside the image. The padded image is shifted by $U-1$ and $V-1$, so sliding a filter $F$
# over $X$ gives $Y_{i,j} = \sum_{u,v} X_{i+u-(U-1),\; j+v-(V-1)}\, F_{u,v}$.
#
# Let $F$ be the turned filter, $F_{u,v} = W_{U-1-u,\; V-1-v}$, and count with $p = U-1-u$ and $q = V-1-v$
# instead of $u$ and $v$; they run through the same numbers. Then
# $Y_{i,j} = \sum_{p,q} X_{i-p,\; j-q}\, W_{p,q}$.
#
# The two numbers in a product have indices that add up to the place in the output: $(i-p) + p = i$ and
# likewise for the columns. So $Y_{i,j}$ is the sum of $X_{a,b} W_{p,q}$ over *all* pairs with $a+p = i$ and
# $b+q = j$. This sentence stays the same when $X$ and $W$ swap names, and both results have $M+U-1$ rows and
# $N+V-1$ columns. Hence they are equal.
#
# Without turning, the pairs are those with $a-u = i-(U-1)$ and $b-v = j-(V-1)$: differences instead of sums.
# With swapped roles the output at $i'$ collects the pairs with $u-a = i'-(M-1)$. These are the same pairs if
# $i' = M+U-2-i$, the opposite row, and likewise for columns. So the results are half a turn apart.
# ### END SOLUTION

# %% [markdown]
# **Remember**
#
# - A wide convolution lets every pixel meet every entry of the filter once; it is larger than the image.
# - With one of the two turned, image and filter may swap roles. This is the convolution of mathematics.
# - What networks slide is not turned. That is *cross-correlation*, and there the roles matter.

# %% [markdown]
# ## 4. 1x1 kernels (20 points) ★☆☆
#
# **Why.** A filter of one pixel cannot see an edge, or any pattern at all. In an image of one channel it
# could only make the whole picture brighter or darker. In a stack of 256 feature maps it can do much more: it
# looks at all 256 numbers of one pixel at once. Many well-known networks use as many of these kernels as of
# any other.

# %% [markdown]
# **Definition.** The convolution of the first notebook with $f = 1$, stride 1 and no padding. The window is a
# single pixel, and only the sum over the channels is left:
#
# $$Z_{i,h,w,c} = b_c + \sum_{k} A^{\text{prev}}_{i,h,w,k}\, W_{0,0,k,c}.$$
#
# This is a product of a row, the pixel's channels, and a matrix, `W[0, 0]` of shape `(n_C_prev, n_C)`.

# %% [markdown]
# **Warm-up.** `@` multiplies matrices. If the array on the left has more than two axes, its last axis is
# multiplied and the others stay, so one line treats every pixel of every image.

# %%
pixels = np.ones((2, 3, 5, 4))
matrix = np.arange(8).reshape(4, 2)
print("matrix\n", matrix)
print("shape", (pixels @ matrix).shape, " one pixel", (pixels @ matrix)[0, 0, 0])

# %% [markdown]
# **By hand.** Let channel 0 be `X_small` and channel 1 the same image turned, and read `W_small` as the
# matrix. The first pixel holds 2 and 4. Its products are $2 \cdot 1 + 4 \cdot 0 = 2$ and
# $2 \cdot (-1) + 4 \cdot 2 = 6$, and the biases 1 and -1 make 3 and 5 of them.
#
# ![Two channels of 3 x 3 pixels. The pixel in row 0, column 0 holds 2 in channel 0 and 4 in channel 1. As a row it is multiplied by the 2 x 2 matrix W with the numbers 1, -1, 0, 2, which gives 2 and 6; with b = 1 and -1 this makes 3 and 5, the same pixel of the two output channels.](images/one_by_one.svg)
#
# *One pixel: (2, 4) times the matrix is (2, 6), plus (1, -1) is (3, 5). All nine pixels meet the same
# matrix.*

# %% [markdown]
# **Check yourself.** A 1x1 kernel makes 64 channels out of 256. How many numbers does it learn? And does that
# depend on the size of the image?
#
# <details><summary>Answer</summary>
#
# $256 \cdot 64 = 16384$ weights and 64 biases. The size of the image does not matter: all pixels share them.
#
# </details>

# %% [markdown]
# ### Exercise 3: `conv_1x1`
#
# **What to write.** One or two lines: take the matrix out of `W`, multiply over the channels, add `b`. Its
# shape `(1, 1, 1, n_C)` fits as it is, since axes of length 1 are repeated as needed. Loops are right too,
# only longer.
#
# **What not to worry about.** Stride and padding, and an activation such as ReLU: none of them belongs here.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_1x1_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_1x1(A_prev, W, b):
    """Mix the channels of every pixel by one matrix.

    Parameters
    ----------
    A_prev : (m, n_H, n_W, n_C_prev) array of float64, float32 or integers, of any sign; not modified
    W : (1, 1, n_C_prev, n_C) array of float64, float32 or integers; not modified
    b : (1, 1, 1, n_C) array of the same kinds, one bias per output channel; not modified

    Returns
    -------
    Z : (m, n_H, n_W, n_C) array; Z[i, h, w, c] is b[0, 0, 0, c] plus the sum over k of
        A_prev[i, h, w, k] * W[0, 0, k, c]

    Notes
    -----
    n_C may be larger or smaller than n_C_prev, or equal. Height and width may differ, m and both numbers of
    channels may be 1. b may hold fractions while A_prev and W are integers. Arrays may be views of larger ones.
    No error handling is asked for.
    """
    ### BEGIN SOLUTION
    channel_matrix = W[0, 0]
    Z = A_prev @ channel_matrix + b
    return Z
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand. Then a batch that is not square, from 3 channels to 5.

# %%
A_prev = np.stack([X_small, rot180(X_small)], axis=-1)[np.newaxis]
Z = conv_1x1(A_prev, W_small.reshape(1, 1, 2, 2), np.array([1, -1]).reshape(1, 1, 1, 2))
print("first pixel", A_prev[0, 0, 0], "->", Z[0, 0, 0])
assert Z.shape == (1, 3, 3, 2), f"Z has shape (1, 3, 3, 2), yours {Z.shape}"
assert Z[0, :, :, 0].tolist() == [[3, 1, 2], [2, 4, 3], [1, 2, 5]], "channel 0 is X_small plus 1"
assert Z[0, 0, 0].tolist() == [3, 5], "by hand, the first pixel becomes 3 and 5"

np.random.seed(1)
A_prev, W, b = np.random.randn(2, 4, 6, 3), np.random.randn(1, 1, 3, 5), np.random.randn(1, 1, 1, 5)
print(A_prev.shape, "->", conv_1x1(A_prev, W, b).shape)

# %% [markdown]
# **Test.** If it works only where both numbers of channels are equal, look at which axis of `W` is
# multiplied.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_1x1", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
conv_1x1_test(conv_1x1)

# %% [markdown]
# **See it work.** A photograph has three channels: red, green, blue. A 1x1 kernel that weighs them makes a
# grey picture; another that subtracts green from red finds what is red. Both are mixtures of channels, pixel
# by pixel.

# %%
rows, columns = np.mgrid[0:28, 0:28]
photo = np.full((28, 28, 3), 0.9)
photo[(rows - 14) ** 2 + (columns - 10) ** 2 < 64] = (0.8, 0.2, 0.2)  # a red disc
photo[5:23, 21:25] = (0.2, 0.6, 0.3)  # and a green bar
mix = np.zeros((1, 1, 3, 2))
mix[0, 0, :, 0] = (0.3, 0.6, 0.1)
mix[0, 0, :, 1] = (1, -1, 0)
maps = conv_1x1(photo[np.newaxis], mix, np.zeros((1, 1, 1, 2)))

draw([photo, maps[0, :, :, 0]], ["the photograph", "channel 0: grey"], colours="gray")
draw([maps[0, :, :, 1]], ["channel 1: red minus green"])

# %% [markdown]
# And a second look, with one pixel at a time. A *dense layer* takes a vector, multiplies it by a matrix and
# adds a bias. Apply one and the same dense layer to the channels of every pixel, and compare.

# %%
Z = conv_1x1(A_prev, W, b)
for place in np.ndindex(2, 4, 6):
    dense = np.dot(A_prev[place], W.reshape(3, 5)) + b.reshape(5)
    assert np.allclose(Z[place], dense), f"pixel {place} differs from the dense layer"
print("48 pixels, one dense layer: all equal")

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "uses_question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question B: what is a 1x1 kernel good for? (10 points) ★★☆
#
# A fellow student says: "It sees one pixel. That can only scale the image, so why bother?" Answer. Say what
# the kernel does to the channels, to their number and to height and width; what it has to do with a dense
# layer; how it makes a network cheaper; and when it makes a network deeper in a way that counts, and when it
# does not. Eight to twelve lines.
#
# ### BEGIN MARK SCHEME
# **Mark scheme, 10 points**
#
# - 2: it mixes across channels: each output channel is a weighted sum of all input channels of the same
#   pixel.
# - 1: it raises or lowers the number of channels, as `n_C` says.
# - 1: height and width stay as they are.
# - 2: it is one dense layer (a matrix, a bias), applied to every pixel with the same weights.
# - 2: fewer computations: placed before a larger filter it lowers the number of channels that this one reads.
#   Full only with the reason, not for "it is cheap" alone (1).
# - 2: with an activation after it, it adds non-linearity, and so depth that counts (1). Without one it is
#   linear and merges with the next layer into a single one (1).
# ### END MARK SCHEME

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "uses", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# With one channel the fellow student is right. With many, the kernel sees all channels of its pixel: each
# output channel is a weighted sum of all input channels, for example "red minus green". So it finds
# combinations of features, not patterns in space.
#
# The number of its filters decides the number of output channels, which may be larger or smaller than that of
# the input. Height and width stay as they are, since a window of one pixel fits everywhere.
#
# For a single pixel it is a matrix times a vector plus a bias, which is a dense layer. The whole kernel is
# this dense layer, applied to every pixel with the same weights.
#
# It saves computations when it stands in front of a larger filter: a 3x3 filter multiplies nine numbers for
# each channel that it reads, so reading 64 channels instead of 256 takes a quarter of the work, and the
# kernel itself costs little.
#
# Followed by an activation such as ReLU it adds a non-linear step, and the network is deeper at small cost.
# Without an activation it stays linear: its matrix can be multiplied into the filters of the next layer, and
# the two layers can do nothing that one could not.
# ### END SOLUTION

# %% [markdown]
# **Remember**
#
# - A 1x1 kernel is a matrix over the channels, the same for every pixel.
# - It changes the number of channels and keeps height and width.
# - Depth counts only where something non-linear stands between two layers.

# %% [markdown]
# ## 5. What a layer costs (18 points) ★☆☆
#
# **Why.** A network must fit into the time and the memory that there is, and both can be counted before a
# single line of it is written. Three numbers say most: how many multiplications an image takes, how many
# numbers must be kept for the backward pass, and how many are learned. They do not always move in the same
# direction.

# %% [markdown]
# **Definition.** For one image, filters of side `f` from `n_C_prev` to `n_C` channels, and an output of
# $n_H \times n_W$ pixels, without counting the biases:
#
# $$\text{multiplications} = n_H\, n_W\, n_C \cdot f^2\, n_{C,\text{prev}}$$
#
# $$\text{activations} = n_H\, n_W\, n_C$$
#
# $$\text{parameters} = f^2\, n_{C,\text{prev}}\, n_C$$
#
# The activations are the numbers of the *output*: what this layer adds to what must be kept.

# %% [markdown]
# **Warm-up.** Python's integers grow as needed, `**` is the power, and underscores or commas make large
# numbers readable. A function that returns several numbers separates them by commas.


# %%
def box(width, height):
    return width * height, 2 * (width + height)


area, outline = box(30_000, 2**4)
print(f"area {area:,}, outline {outline:,}")

# %% [markdown]
# **By hand.** `W_small` over `X_small` without padding: the output has $2 \cdot 2 = 4$ numbers, and each
# takes the four multiplications of one window. That is 16 multiplications, 4 activations, and 4 parameters,
# since all windows share the filter.

# %% [markdown]
# **Check yourself.** Height and width of a layer's input and output double. Which of the three numbers stay
# the same? And if instead the number of channels doubles, in input and output?
#
# <details><summary>Answer</summary>
#
# With larger images only the parameters stay; the other two become four times as large. With twice the
# channels on both sides, multiplications and parameters become four times as large, the activations twice.
#
# </details>

# %% [markdown]
# ### Exercise 4: `conv_cost`
#
# **What to write.** The three formulas, returned in this order. `n_H` and `n_W` are those of the output, so
# neither stride nor padding appears.
#
# **What not to worry about.** Biases, additions, batches: none of them is counted here.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_cost_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_cost(n_H, n_W, n_C_prev, n_C, f):
    """Count what a convolution layer costs for one image; biases are not counted.

    Parameters
    ----------
    n_H, n_W : int, at least 1; height and width of the output, which may differ
    n_C_prev, n_C : int, at least 1; channels of the input and of the output
    f : int, pixels, at least 1; side of the filters

    Returns
    -------
    multiplications : number of products of a pixel and a filter entry, for the whole output
    activations : number of output values
    parameters : number of filter entries, without biases

    Notes
    -----
    Three numbers as a tuple, in this order; billions are usual. No error handling is asked for.
    """
    ### BEGIN SOLUTION
    activations = n_H * n_W * n_C
    multiplications = activations * f**2 * n_C_prev
    parameters = f**2 * n_C_prev * n_C
    return multiplications, activations, parameters
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand. Then on a layer of 3x3 filters from 256 channels to 256, with an output of
# 100 x 100 pixels, and on the same with a *bottleneck*: 1x1 kernels to 64 channels first, 3x3 filters back to
# 256 after them.
#
# ![Above: 256 channels go through 3 x 3 filters into 256 channels, with 5.90 billion multiplications. Below: 256 channels go through 1 x 1 kernels into 64, and these through 3 x 3 filters into 256, with 1.64 billion.](images/bottleneck.svg)
#
# *Above 100 · 100 · 256 · 9 · 256 = 5,898,240,000 multiplications. Below 100 · 100 · 64 · 256 + 100 · 100 ·
# 256 · 9 · 64 = 1,638,400,000.*

# %%
assert conv_cost(2, 2, 1, 1, 2) == (16, 4, 4), "by hand: 16 multiplications, 4 activations, 4 parameters"

direct = conv_cost(100, 100, 256, 256, 3)
squeeze, expand = conv_cost(100, 100, 256, 64, 1), conv_cost(100, 100, 64, 256, 3)
bottleneck = [a + b for a, b in zip(squeeze, expand, strict=True)]
for name, before, after in zip(("multiplications", "activations", "parameters"), direct, bottleneck, strict=True):
    print(f"{name:15s} {before:15,} directly, {after:15,} through the bottleneck")

# %% [markdown]
# **Test.** If it fails for the second and not for the first input, look whether height and width, or input
# and output channels, have changed places.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_cost", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
conv_cost_test(conv_cost)

# %% [markdown]
# **See it work.** The three numbers of the bottleneck, as shares of those of the direct layer.

# %%
shares = [after / before for before, after in zip(direct, bottleneck, strict=True)]
names = ["multiplications", "activations", "parameters"]
_, ax = plt.subplots(figsize=(4.5, 2), layout="constrained")
bars = ax.barh(names, shares, color="#6baed6", edgecolor="black")
ax.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3)
ax.axvline(1, color="black", linestyle=":")
ax.set(title="through the bottleneck", xlabel="share of the direct layer", xlim=(0, 1.5))
ax.invert_yaxis()
plt.show()

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "savings_question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question C: what does a bottleneck save? (8 points) ★★☆
#
# One of the three bars goes *up*. Why, and by how much? What is saved then, and why is it the same share for
# two of the numbers? When does the one that goes up matter more, while a network is trained or when it is
# used? And what does one give away by sending 256 channels through 64? Six to ten lines.
#
# ### BEGIN MARK SCHEME
# **Mark scheme, 8 points**
#
# - 2: the activations go up, since the squeezed layer has an output of its own: 640,000 numbers on top of
#   2,560,000, a quarter more (1 for the reason, 1 for the figure).
# - 2: multiplications, and so time and energy, fall to 28 %: the expensive 3x3 filters read 64 channels, not
#   256.
# - 1: parameters fall, too: less to store, to send, to overfit with.
# - 1: the same share, since here multiplications are parameters times the 100 x 100 positions, in both
#   layers.
# - 1: while training: activations are kept for the backward pass. When used, a layer's input can be dropped
#   as soon as its output is there.
# - 1: what is given away: everything must pass through 64 numbers per pixel, so some combinations of 256
#   channels can no longer be told apart (a matrix of rank 64 at most).
# ### END MARK SCHEME

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "savings", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The bottleneck puts a layer more into the network, and this layer has an output of its own:
# $100 \cdot 100 \cdot 64 = 640{,}000$ numbers besides the 2,560,000 that were there before. So the
# activations grow by a quarter.
#
# Saved are multiplications, and with them time and energy: 1.64 billion instead of 5.90, about 28 %. The 3x3
# filters, which are the expensive part, read 64 channels instead of 256, and the 1x1 kernel in front is
# cheap. Saved are parameters as well, 163,840 instead of 589,824. The share is the same because every
# parameter is used once at each of the 100 x 100 positions, in the squeezing and in the expanding layer, so
# multiplications are 10,000 times the parameters in both.
#
# Activations matter while training, when all of them wait for the backward pass. In use, an input can be
# thrown away as soon as the next output is computed.
#
# What one gives away: all that the 3x3 filters learn about a pixel is 64 numbers. Inputs that differ only in
# directions which the 1x1 kernel maps to zero can no longer be told apart.
# ### END SOLUTION

# %% [markdown]
# **Remember**
#
# - Parameters do not depend on the size of the image; multiplications and activations do.
# - A bottleneck of 1x1 kernels saves multiplications and parameters. Activations it costs.
# - Count first, build after.

# %% [markdown]
# ## 6. A convolution is a matrix (20 points) ★★★
#
# **Why.** Each output of a convolution is a weighted sum of pixels, and a list of weighted sums is a matrix
# times a vector. So a convolution layer is a dense layer with a strange matrix: mostly zeros, and the same
# few numbers again and again. Nobody computes with it, but whatever is known about matrices now holds for
# convolutions. The next section needs one sentence of that: how to transpose.

# %% [markdown]
# **Definition.** Write the image as a vector $x$, row after row: pixel $(i, j)$ is entry $i\, n_W + j$. Write
# the output as a vector in the same way. Then $C$ is the matrix for which the convolution is
#
# $$Z = C\,x .$$
#
# It has a row for each output and a column for each pixel of the unpadded image. In the row of output
# $(h, w)$ stands $W_{u,v}$ in the column of the pixel that lies under it; all other entries are 0.

# %% [markdown]
# Which pixel lies under $W_{u,v}$? The window of output $(h, w)$ begins `h * stride` rows down in the
# *padded* image, and `pad` of these rows are ring. So it is pixel
#
# $$(i, j) = (h \cdot \text{stride} + u - \text{pad},\;\; w \cdot \text{stride} + v - \text{pad}),$$
#
# if there is one. Where $i$ or $j$ falls outside the image, the filter lies on the ring, whose zeros add
# nothing and have no column.

# %% [markdown]
# **Warm-up.** `reshape(-1)` lays a matrix out row after row, and a position in it is found as in the
# definition.

# %%
image = np.array([[10, 11, 12], [20, 21, 22]])
x = image.reshape(-1)
print(x)
i, j = 1, 2
print("pixel", image[i, j], "is entry", i * 3 + j, "of x, which is", x[i * 3 + j])

# %% [markdown]
# **By hand.** `X_small` has 9 pixels and, without padding, 4 windows: $C$ is 4x9. The first window covers
# pixels 0, 1, 3 and 4, so row 0 has the filter's 1, -1, 0, 2 in these columns. One window further, everything
# moves one column to the right.
#
# ![The matrix C has 4 rows and 9 columns. Row 0 holds the filter's numbers 1, -1, 0, 2 in columns 0, 1, 3 and 4 and zeros elsewhere; the rows below hold the same numbers further to the right. Times x, the column of 2, 0, 1, 1, 3, 2, 0, 1, 4, it gives 8, 3, 0, 9.](images/matrix.svg)
#
# *Row 0 times x: 1 · 2 - 1 · 0 + 0 · 1 + 2 · 3 = 8. From row 1 to row 2 the numbers move by two columns,
# since a new row of windows begins.*

# %% [markdown]
# **Check yourself.** An image of 5x4 pixels, a 2x2 filter, stride 2, pad 1: which shape has $C$? In which
# column stands $W_{0,0}$ in row 0?
#
# <details><summary>Answer</summary>
#
# The output has $\lfloor (5 - 2 + 2)/2 \rfloor + 1 = 3$ rows and $\lfloor (4 - 2 + 2)/2 \rfloor + 1 = 3$
# columns, so $C$ is (9, 20). In none: it lies on the ring. Only $W_{1,1}$ of that window lies on a pixel, the
# first.
#
# </details>

# %% [markdown]
# ### Exercise 5: `conv_matrix`
#
# **What to write.** The sizes, a matrix of zeros, four short loops, and one assignment under an `if`. Mind
# that `n_H` and `n_W` are those of the *input* here, since the function is given no image. A negative column
# would not raise an error but count from the end, so the `if` comes first.
#
# **What not to worry about.** Channels, examples, biases. One image, one filter.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_matrix_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_matrix(W, n_H, n_W, stride, pad):
    """Write the convolution of one image with one filter as a matrix.

    Parameters
    ----------
    W : (f, f) array of float64, float32 or integers, the filter, laid on as it is and not turned; not modified
    n_H, n_W : int, pixels; height and width of the input, before padding; they may differ
    stride : int, pixels, at least 1
    pad : int, pixels, at least 0

    Returns
    -------
    C : (rows * columns, n_H * n_W) array, where the output has rows = floor((n_H - f + 2*pad) / stride) + 1, and
        columns likewise from n_W. For every image X of shape (n_H, n_W), C times X.reshape(-1) is the output,
        row after row. Pixel [i, j] belongs to column i * n_W + j, output [h, w] to row h * columns + w.

    Steps
    -----
    1. Read f, compute the rows and columns of the output with ``//`` (3 lines).
    2. Start C as an array of zeros (1 line).
    3. Loop over outputs h, w and over filter entries u, v (4 lines).
    4. Find the pixel i, j that lies under the entry (2 lines).
    5. If it lies in the image, store the entry in the row of the output and the column of the pixel (2 lines).

    Notes
    -----
    Any stride (also larger than f), any pad (0, or so large that whole windows lie on the ring), pixels left
    over at the edge, f = 1, a single output, and W as a view of a larger array must work. No error handling is
    asked for.
    """
    ### BEGIN SOLUTION
    f = W.shape[0]
    rows = (n_H - f + 2 * pad) // stride + 1
    columns = (n_W - f + 2 * pad) // stride + 1
    C = np.zeros((rows * columns, n_H * n_W))
    for h in range(rows):
        for w in range(columns):
            for u in range(f):
                for v in range(f):
                    i = h * stride + u - pad
                    j = w * stride + v - pad
                    if 0 <= i < n_H and 0 <= j < n_W:
                        C[h * columns + w, i * n_W + j] = W[u, v]
    return C
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand. The product with the image must give the four numbers of section 3.

# %%
C = conv_matrix(W_small, 3, 3, 1, 0)
print(C.astype(int))
assert C.shape == (4, 9), f"4 outputs and 9 pixels make (4, 9), yours is {C.shape}"
assert C[0].tolist() == [1, -1, 0, 0, 2, 0, 0, 0, 0], "row 0: the filter on pixels 0, 1, 3 and 4"
assert (C @ X_small.reshape(-1)).tolist() == [8, 3, 0, 9], "C times x is 8, 3, 0, 9"

# %% [markdown]
# Then with stride 2 and a ring of 1. By hand: the windows begin in rows and columns 0 and 2 of the padded
# image, and give 4, 2, -1 and 9. (The first notebook had 5, 3, 0 and 10 here, with its bias of 1.)

# %%
C = conv_matrix(W_small, 3, 3, 2, 1)
print(C.astype(int))
assert (C @ X_small.reshape(-1)).tolist() == [4, 2, -1, 9], "C times x is 4, 2, -1, 9"

# %% [markdown]
# **Test.** If it fails only with padding, look at the `if`; if only for images that are not square, at what
# you multiply by in the row and in the column.

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_matrix", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
conv_matrix_test(conv_matrix)

# %% [markdown]
# **See it work.** The matrix of a 3x3 filter for images of 6x6 pixels. A dense layer of this size would be
# free in each of its entries. Here nine numbers fill bands of parallel lines: they are *shared* by all
# positions, and every output sees only its surroundings.

# %%
np.random.seed(3)
C = conv_matrix(np.random.randn(3, 3), 6, 6, 1, 1)
print(f"{C.size} entries, {np.mean(C != 0):.0%} of them not zero, {len(np.unique(C)) - 1} different numbers")

draw([C, C.T], ["C", "C transposed"], labels=("column of the matrix", "row of the matrix"), size=(4, 3.4))

# %% [markdown]
# **Remember**
#
# - A convolution is a dense layer whose matrix is mostly zeros and repeats the filter in every row.
# - Stride decides by how much one row is shifted against the next; the ring has no columns.
# - What holds for matrices holds for convolutions.

# %% [markdown]
# ## 7. Backwards is the transpose (12 points) ★★★
#
# **Why.** The first notebook derived the backward pass pixel by pixel. With a matrix it is a single sentence.
# If $Z = C\,x$, then a change of pixel $p$ by a little changes output $q$ by $C_{q,p}$ times as much. Whoever
# asks how the loss depends on pixel $p$ adds up, over all outputs, their `dZ` times that entry:
#
# $$dx_p = \sum_q C_{q,p}\, dZ_q, \qquad\text{that is}\qquad dx = C^{\mathsf T}\, dZ .$$

# %% [markdown]
# **By hand.** Let `dZ` be four ones. Then $C^{\mathsf T} dZ$ adds up the four rows of the drawn matrix: 1, 0,
# -1, then 1, 2, 1, then 0, 2, 2. These are the four stamps of the first notebook. Rows become columns, so
# what was *gathered* from a window on the way forward is *scattered* over the same window on the way back.

# %%
C = conv_matrix(W_small, 3, 3, 1, 0)
print((C.T @ np.ones(4)).reshape(3, 3))

# %% [markdown]
# **The adjoint identity** is the same in other words. For every image $x$ and every $y$ of the output's
# shape, $\langle C x, y \rangle = \langle x, C^{\mathsf T} y \rangle$, where the brackets are the sum of all
# products. It makes a good test of a backward pass that never builds the matrix: two numbers, and they must
# agree.

# %%
np.random.seed(4)
W, x = np.random.randn(3, 3), np.random.randn(5 * 7)
C = conv_matrix(W, 5, 7, 2, 1)
y = np.random.randn(len(C))
print("forward ", np.dot(C @ x, y))
print("backward", np.dot(x, C.T @ y))
assert np.isclose(np.dot(C @ x, y), np.dot(x, C.T @ y))

# %% [markdown]
# **A convolution again.** At stride 1 and without padding, multiplying by the transposed matrix is a
# convolution, too: the wide one of `dZ`, with the filter turned. Both are half of what you built, and the
# numbers agree.

# %%
np.random.seed(5)
W, dZ = np.random.randn(3, 3), np.random.randn(4, 6)
C = conv_matrix(W, 6, 8, 1, 0)
by_matrix = (C.T @ dZ.reshape(-1)).reshape(6, 8)
by_convolution = wide_convolve(dZ, rot180(W))
print("largest difference", np.max(np.abs(by_matrix - by_convolution)))
assert np.allclose(by_matrix, by_convolution)

# %% [markdown]
# With padding the wide convolution gives the gradient of the *padded* image. Nobody asks for the part on the
# ring, so it is cut off. Here `pad` is 1, and one row or column goes on each side.

# %%
C = conv_matrix(W, 4, 6, 1, 1)
padded = wide_convolve(dZ, rot180(W))
print("gradient of the padded image", padded.shape, " of the image", padded[1:-1, 1:-1].shape)
assert np.allclose((C.T @ dZ.reshape(-1)).reshape(4, 6), padded[1:-1, 1:-1])

# %% [markdown]
# **Measure it.** A gradient need not be believed. Move one number up and down by a little, look how far the
# loss goes, and divide: that is its slope. The loss here is the sum of `dZ` times the output, whose
# derivative with respect to the output is `dZ`. Use `slopes` for whatever you derive in question D.


# %%
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


# %%
np.random.seed(6)
W, image, dZ = np.random.randn(3, 3), np.random.randn(5, 6), np.random.randn(3, 4)


def loss():
    return np.dot(conv_matrix(W, 5, 6, 1, 0) @ image.reshape(-1), dZ.reshape(-1))


error = np.max(np.abs(slopes(loss, image) - wide_convolve(dZ, rot180(W))))
print(f"measured and computed differ by {error:.0e}")
assert error < 1e-6, "the gradient of the image is the wide convolution of dZ with the turned filter"

# %% [markdown]
# This cell is yours, for trying formulas; it is not graded. `slopes(loss, W)` measures how the loss depends
# on each entry of the filter.

# %%
# Yours: nothing here is graded.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": false, "grade_id": "derivation_question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ### Question D: the backward pass, derived (12 points) ★★★
#
# One channel, one example, stride 1, first without padding. `dZ` is given.
#
# 1. (5) Start from $dx = C^{\mathsf T} dZ$ and show that it is the wide convolution of `dZ` with the turned
#    filter. Then say what changes with padding.
# 2. (4) Derive `dW`, and say which of the convolutions of this notebook it is. Derive `db` for one bias added
#    to every output.
# 3. (3) Pooling, after a convolution: how does the gradient step back through an average, and through a
#    maximum? Describe the matrix whose transpose does it, or argue pixel by pixel.
#
# ### BEGIN MARK SCHEME
# **Mark scheme, 12 points**
#
# - Part 1, 5: column of pixel $(i, j)$ holds $W_{i-h,\,j-w}$ in row $(h, w)$, or the same pixel by pixel (2);
#   so $dA_{i,j} = \sum dZ_{h,w} W_{i-h,\,j-w}$, pairs whose indices add up (1); recognised as wide with the
#   turned filter, shape included or zeros outside named (1); with padding, the ring of the result is cut off,
#   `pad` on each side (1).
# - Part 2, 4: $dW_{u,v} = \sum_{h,w} dZ_{h,w} A_{h+u,\,w+v}$ with a reason (2); it is `dZ` slid over the
#   input as it is, without a ring of its own, so not turned and not wide (1); $db = \sum dZ$, as every output
#   contains the bias once (1). With padding the *padded* input counts; not asked for.
# - Part 3, 3: average: each pixel of the window gets $1/f^2$ of the gradient (1); maximum: all of it goes to
#   the place of the maximum, the others get 0 (1); where windows overlap contributions add up, or: rows of
#   the matrix hold $1/f^2$ or a single 1 that depends on the input (1).
# ### END MARK SCHEME

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "derivation", "locked": false, "points": 12, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **1.** Row $(h, w)$ of $C$ holds $W_{u,v}$ in the column of pixel $(h+u, w+v)$. Turned around, the column of
# pixel $(i, j)$ holds $W_{i-h,\; j-w}$ in row $(h, w)$, where $i-h$ and $j-w$ lie inside the filter, and 0
# elsewhere. Transposing makes a row of this column, so $dA_{i,j} = \sum_{h,w} dZ_{h,w}\, W_{i-h,\; j-w}$. The
# indices of the two numbers add up to $(i, j)$. By question A this is sliding `rot180(W)` over `dZ` with a
# ring of $f-1$: the wide convolution. Its shape is $(n_H - f + 1) + f - 1 = n_H$ rows, as it must be. With
# padding, the same argument gives the gradient of the padded image; the ring is constant and has no column in
# $C$, so `pad` rows and columns are cut off on each side.
#
# **2.** $W_{u,v}$ touches every output: $Z_{h,w}$ contains $W_{u,v} A_{h+u,\; w+v}$. Its derivative is the
# pixel under it, so $dW_{u,v} = \sum_{h,w} dZ_{h,w}\, A_{h+u,\; w+v}$. This is `dZ`, used as a filter, slid
# over the input as it is: the convolution without padding, not turned. Its shape is
# $n_H - (n_H - f + 1) + 1 = f$. The bias stands once in every output, with factor 1, so
# $db = \sum_{h,w} dZ_{h,w}$.
#
# **3.** Averaging is linear: the row of an output holds $1/f^2$ for each pixel of its window. The transpose
# gives each of these pixels $1/f^2$ of the output's gradient. The maximum is, as long as the same pixel stays
# the largest, a matrix with a single 1 in each row, in the column of that pixel. The transpose sends the
# whole gradient there and nothing to the others. A pixel that lies in several windows collects from all of
# them. Pooling has no parameters, so there is nothing else to derive.
# ### END SOLUTION

# %% [markdown]
# **Remember**
#
# - Forward is $C$, backward is $C^{\mathsf T}$: gather becomes scatter, and the adjoint identity tests it.
# - At stride 1 the gradient of the image is the wide convolution of `dZ` with the turned filter, less the
#   ring.
# - Every linear layer goes back by its transpose; average pooling is one, and so is the maximum once you know
#   where it was.

# %% [markdown]
# ## 8. What to remember
#
# - Turn one of two matrices by 180 degrees, and they may swap roles in a wide convolution.
# - A 1x1 kernel is a dense layer over channels, shared by all pixels.
# - Multiplications, activations and parameters are counted before a layer is built. A bottleneck saves two of
#   them and costs the third.
# - A convolution is a matrix. Its backward pass is the transpose, which at stride 1 is a convolution again.

# %% [markdown]
# ## 9. Open questions
#
# No points, and good company on the way home.
#
# 1. ★☆☆ For which filters are turning and not turning the same? How many numbers may one choose in a 3x3
#    filter of this kind?
# 2. ★☆☆ Two 1x1 kernels with a ReLU between them: which well-known network is this, applied to each pixel?
# 3. ★★☆ How many channels may a bottleneck have before it saves no multiplications any more, for 256 channels
#    and 3x3 filters?

# %% [markdown]
# 4. ★★☆ The matrix $C$ of a convolution with stride 2 and pad 0 may have columns full of zeros. Which pixels
#    are these, and what is their gradient?
# 5. ★★★ With stride 2, put a row and a column of zeros between the numbers of `dZ` first, then convolve. Show
#    that this is $C^{\mathsf T} dZ$ again. When are rows or columns missing at the end?
# 6. ★★★ Multiply two polynomials, and look at the coefficients as vectors. Which operation of this notebook
#    is it?
