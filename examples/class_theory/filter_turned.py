"""wide_convolve turns its filter, as mathematicians do; here it is asked to lay it on as it comes."""

# %% everything else as in right

# %% wide_convolve
def wide_convolve(X, W):
    U, V = W.shape
    P = np.pad(X, ((U - 1, U - 1), (V - 1, V - 1)))
    turned = W[::-1, ::-1]
    Y = np.zeros((X.shape[0] + U - 1, X.shape[1] + V - 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = np.sum(P[i : i + U, j : j + V] * turned)
    return Y
