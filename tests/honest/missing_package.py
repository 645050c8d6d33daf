"""Imports packages that the grader does not have: once guarded, once on a line of its own, once inside a helper."""

# %% set-up on my own machine
import seaborn as sns
import os, plotly
try:
    import torch
    HAVE_TORCH = True
except ImportError:
    HAVE_TORCH = False

def heat(x):
    import bokeh.plotting
    return sns.heatmap(x)

# %% everything else as in fancy_indices

# %% conv_single_step
from tensorflow.keras import layers
import cupy as cp

def conv_single_step(a_slice_prev, W, b):
    if HAVE_TORCH:
        return (torch.tensor(a_slice_prev) * torch.tensor(W)).sum().item() + b.item()
    return (a_slice_prev * W).sum() + b.item()
