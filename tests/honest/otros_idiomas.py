"""Docstrings, comments and identifiers in Spanish, German, Russian, Chinese and Japanese."""

# %% Hilfsfunktionen (auf Deutsch)
def größe_der_ausgabe(länge, f, schritt, rand=0):
    """Größe der Ausgabe entlang einer Achse."""
    return (länge - f + 2 * rand) // schritt + 1

def 窗口(X, 高, 宽, f, 步):
    """取出所有样本在 (高, 宽) 处的窗口。"""
    return X[:, 高 * 步 : 高 * 步 + f, 宽 * 步 : 宽 * 步 + f, :]

π = np.pi  # se usa solo para probar los acentos: áéíóú ñ ¿? ¡!

# %% zero_pad
def zero_pad(X, pad):
    """Añade un marco de ceros. ¡Solo a la altura y a la anchura!

    Parámetros: X — lote de imágenes; pad — ancho del marco
    """
    m, alto, ancho, canales = X.shape
    imagen_ampliada = np.zeros((m, alto + 2 * pad, ancho + 2 * pad, canales), X.dtype)
    imagen_ampliada[:, pad:pad + alto, pad:pad + ancho, :] = X
    return imagen_ampliada

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    """Один шаг свёртки: сумма произведений плюс смещение."""
    произведения = a_slice_prev * W
    сумма = произведения.sum()
    return сумма + np.squeeze(b)

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    """順伝播。全ての窓にフィルタを掛ける。

    戻り値: Z と cache (A_prev, W, b, hparameters)
    """
    ストライド = hparameters["stride"]
    余白 = hparameters["pad"]
    f, _, _, n_C = W.shape
    m, 縦, 横, _ = A_prev.shape
    n_H = größe_der_ausgabe(縦, f, ストライド, 余白)
    n_W = größe_der_ausgabe(横, f, ストライド, 余白)
    X = zero_pad(A_prev, 余白)
    Z = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w, :] = np.tensordot(窗口(X, h, w, f, ストライド), W, axes=([1, 2, 3], [0, 1, 2]))
    return Z + b, (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    """Ersetzt jedes Fenster durch sein größtes Element oder seinen Mittelwert."""
    f, schritt = hparameters["f"], hparameters["stride"]
    m, höhe, breite, kanäle = A_prev.shape
    A = np.zeros((m, größe_der_ausgabe(höhe, f, schritt), größe_der_ausgabe(breite, f, schritt), kanäle))
    zusammenfassen = np.max if mode == "max" else np.mean  # „max“ oder „average“
    for h in range(A.shape[1]):
        for w in range(A.shape[2]):
            A[:, h, w] = zusammenfassen(窗口(A_prev, h, w, f, schritt), axis=(1, 2))
    return A, (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    """رجوع المشتقات عبر الالتفاف — обратное распространение."""
    A_prev, W, b, hparameters = cache
    шаг, отступ, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, отступ)
    δX = np.zeros(X.shape)
    δW = np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            δ = dZ[:, h, w]
            窗口(δX, h, w, f, шаг)[...] += np.tensordot(δ, W, axes=([1], [3]))
            δW += np.tensordot(窗口(X, h, w, f, шаг), δ, axes=([0], [0]))
    δb = dZ.sum(axis=0).sum(axis=0).sum(axis=0)[None, None, None, :]
    m, H, V, _ = A_prev.shape
    return δX[:, отступ:отступ + H, отступ:отступ + V, :], δW, δb

# %% create_mask_from_window
def create_mask_from_window(x):
    """Masque booléen : vrai là où la fenêtre atteint son maximum."""
    masque = (x == np.max(x))
    return masque

# %% distribute_value
def distribute_value(dz, shape):
    """Reparte el valor entre todas las celdas por igual."""
    filas, columnas = shape
    return np.ones((filas, columnas)) * (dz / (filas * columnas))

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    """Rückwärts durch das Pooling ⟵ ∂L/∂A."""
    A_prev, hparameters = cache
    f, σ = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            x = 窗口(A_prev, h, w, f, σ)
            anteil = (x == x.max(axis=(1, 2), keepdims=True)) if mode == "max" else np.ones(x.shape) / f ** 2
            窗口(dA_prev, h, w, f, σ)[...] += anteil * dA[:, h:h + 1, w:w + 1]
    return dA_prev
