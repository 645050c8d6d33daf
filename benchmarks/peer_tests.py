"""The hidden asserts of the peer's test cells: what an instructor of stock nbgrader would write by hand.

The numbers are the reference figures of the assignment, drawn with NumPy's older generator right after its seed.
"""

HIDDEN_TESTS = {
    "zero_pad": """
np.random.seed(1)
x = np.random.randn(4, 3, 3, 2)
padded = zero_pad(x, 3)
assert padded.shape == (4, 9, 9, 2)
assert np.allclose(padded[:, 3:6, 3:6, :], x)
assert np.isclose(np.abs(padded).sum(), np.abs(x).sum()), "the border is zero"
np.random.seed(1)
x = np.random.randn(5, 4, 4, 3)
padded = zero_pad(x, 2)
assert padded.shape == (5, 8, 8, 3) and np.allclose(padded[:, 2:6, 2:6, :], x)
""",
    "conv_single_step": """
for seed, side, expected in ((1, 4, -6.999089450680221), (3, 5, -3.5443670581382474)):
    np.random.seed(seed)
    window, W, b = np.random.randn(side, side, 3), np.random.randn(side, side, 3), np.random.randn(1, 1, 1)
    assert np.isclose(conv_single_step(window, W, b), expected)
""",
    "conv_forward": """
np.random.seed(1)
A_prev, W, b = np.random.randn(2, 5, 7, 4), np.random.randn(3, 3, 4, 8), np.random.randn(1, 1, 1, 8)
Z, cache = conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
assert Z.shape == (2, 3, 4, 8) and np.isclose(Z.mean(), 0.5511276474566768)
row = [-2.17796037, 8.07171329, -0.5772704, 3.36286738, 4.48113645, -2.89198428, 10.99288867, 3.03171932]
assert np.allclose(Z[0, 2, 1], row)
assert np.allclose(cache[0][1][2][3], [-1.1191154, 1.9560789, -0.3264995, -1.34267579])
np.random.seed(3)
A_prev, W, b = np.random.randn(2, 5, 7, 4), np.random.randn(3, 3, 4, 8), np.random.randn(1, 1, 1, 8)
assert conv_forward(A_prev, W, b, {"pad": 3, "stride": 1})[0].shape == (2, 9, 11, 8)
assert conv_forward(A_prev, W, b, {"pad": 0, "stride": 2})[0].shape == (2, 2, 3, 8)
W, b = np.random.randn(5, 5, 4, 8), np.random.randn(1, 1, 1, 8)
Z, _ = conv_forward(A_prev, W, b, {"pad": 6, "stride": 1})
assert Z.shape == (2, 13, 15, 8) and np.isclose(Z.mean(), -0.5384027772160062)
""",
    "pool_forward": """
np.random.seed(1)
A_prev = np.random.randn(2, 5, 5, 3)
A, _ = pool_forward(A_prev, {"stride": 1, "f": 3}, mode="max")
assert A.shape == (2, 3, 3, 3) and np.allclose(A[1, 1, 0], [1.96710175, 0.84616065, 1.27375593])
A, _ = pool_forward(A_prev, {"stride": 1, "f": 3}, mode="average")
assert np.allclose(A[1, 1, 0], [0.44497696, -0.00261695, -0.31040307])
A, _ = pool_forward(A_prev, {"stride": 1, "f": 2}, mode="average")
assert np.allclose(A[1, 1, 0], [0.11583785, 0.34545544, -0.6561907])
A, _ = pool_forward(A_prev, {"stride": 2, "f": 3}, mode="max")
assert np.allclose(A[0, 1, 1], [1.13162939, 1.6924546, 2.18557541])
""",
    "conv_backward": """
np.random.seed(1)
A_prev, W, b = np.random.randn(10, 4, 4, 3), np.random.randn(2, 2, 3, 8), np.random.randn(1, 1, 1, 8)
Z, cache = conv_forward(A_prev, W, b, {"pad": 2, "stride": 2})
means = [gradient.mean() for gradient in conv_backward(Z, cache)]
assert np.allclose(means, [1.4524377, 1.7269914, 7.8392325])
""",
    "create_mask_from_window": """
window = np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]])
assert np.array_equal(create_mask_from_window(window), window == 5)
""",
    "distribute_value": """
assert np.allclose(distribute_value(2, (2, 2)), 0.5) and np.allclose(distribute_value(100, (10, 10)), 1)
""",
    "pool_backward": """
np.random.seed(1)
A_prev = np.random.randn(5, 5, 3, 2)
_, cache = pool_forward(A_prev, {"stride": 1, "f": 2})
dA = np.random.randn(5, 4, 2, 2)
assert np.isclose(dA.mean(), 0.14571390272918056)
gradient = pool_backward(dA, cache, mode="max")
assert np.allclose(gradient[1, 1], [[0, 0], [5.05844394, -1.68282702], [0, 0]])
gradient = pool_backward(dA, cache, mode="average")
assert np.allclose(gradient[1, 1, 0], [0.08485462, 0.2787552])
""",
}
