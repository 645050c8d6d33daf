"""conv_cost counts the biases among the parameters, which it was asked to leave out."""

# %% everything else as in right

# %% conv_cost
def conv_cost(n_H, n_W, n_C_prev, n_C, f):
    multiplications = n_H * n_W * n_C * f**2 * n_C_prev
    return multiplications, n_H * n_W * n_C, (f**2 * n_C_prev + 1) * n_C
