"""Tabs, CRLF line ends, semicolons, backslashes, form feeds and trailing blanks."""

# %% zero_pad
def zero_pad( X , pad ) :
	n = ( 0,0 ) ; p = ( pad,pad ) ;   
	return np . pad( X , ( n,p,p,n ) , 'constant' )   ;


# %% conv_single_step
def conv_single_step(a_slice_prev,W,b):
			s=a_slice_prev*W;Z=\
			np.sum(s)

			
			return    Z+\
b [ 0 , 0 , 0 ]

# %% conv_forward

def conv_forward(
	A_prev,
		W,
			b,
				hparameters,
):
	stride=hparameters [ 'stride' ];pad=hparameters [ 'pad' ]
	f=W.shape [ 0 ];
	X=zero_pad ( A_prev,pad )
	Z=np.zeros ( ( len(X) , ( X.shape [ 1 ]-f )//stride+1 , ( X.shape [ 2 ]-f )//stride+1 , W.shape [ -1 ] ) )
	for h in range( Z.shape [ 1 ] ) :
	  for w in range( Z.shape [ 2 ] ) :
	          x=X [ : , h*stride : h*stride+f , w*stride : w*stride+f ]
	          Z [ : , h , w ]=x.reshape ( len( x ) , -1 ) @ W.reshape ( -1 , W.shape [ -1 ] )+b [ 0 , 0 ]
	cache=A_prev,W,b,hparameters ; return Z,cache
	# unreachable
	raise   NotImplementedError ( )

# %% pool_forward
def pool_forward(A_prev,hparameters,mode = "max"):
 stride=hparameters["stride"]
 f=hparameters["f"]
 A=np.zeros((len(A_prev),1+(A_prev.shape[1]-f)//stride,1+(A_prev.shape[2]-f)//stride,A_prev.shape[3]))
 for h in range(A.shape[1]):
  for w in range(A.shape[2]):
   x=A_prev[:,h*stride:h*stride+f,w*stride:w*stride+f]
   if mode=="max":A[:,h,w]=x.max((1,2))
   if mode=="average":A[:,h,w]=x.mean((1,2))
 return(A,(A_prev,hparameters))

# %% conv_backward
if True:
	def conv_backward(dZ,cache):
		( A_prev , W , b , hparameters )=cache ; s=hparameters['stride'] ; p=hparameters['pad'] ; f=len(W)
		X=zero_pad(A_prev,p) ; dX=0.*X ; dW=0.*W ; db=0.*b+dZ.sum((0,1,2))
		for h in range(dZ.shape[1]):
			for w in range(dZ.shape[2]):
				dX[:,h*s:h*s+f,w*s:w*s+f]+=\
					( W@dZ[:,h,w][:,None,None,:,None] )[...,0]; dW+=( X[:,h*s:h*s+f,w*s:w*s+f].T@dZ[:,h,w] ).transpose(2,1,0,3)
		if p: dX=dX[:,p:-p,p:-p]
		return dX,dW,db

# %% create_mask_from_window
def create_mask_from_window ( x ) : return x  ==  np . max ( x )

# %% distribute_value
def distribute_value(dz,shape):
    '''
	docstring with a tab
	'''
    a=np.ones(shape)*dz/shape[0]/shape[1];
    return a;

# %% pool_backward
def pool_backward(dA,cache,mode="max"):
	A_prev,hparameters=cache; s=hparameters["stride"]; f=hparameters["f"]; dA_prev=np.zeros(A_prev.shape);
	for h in range(dA.shape[1]):

		for w in range(dA.shape[2]):
	
			x=A_prev[:,h*s:h*s+f,w*s:w*s+f]; d=dA[:,h:h+1,w:w+1];
			dA_prev[:,h*s:h*s+f,w*s:w*s+f]+=(x==x.max((1,2),keepdims=True))*d if mode=="max" else d/f/f*np.ones_like(x,float)

	return dA_prev
