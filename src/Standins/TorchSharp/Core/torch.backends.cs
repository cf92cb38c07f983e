namespace TorchSharp;

public static partial class torch
{
    /// <summary>What the libraries behind libtorch may do.</summary>
    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                /// <summary>May float32 products be computed with TensorFloat-32?</summary>
                public static bool allow_tf32
                {
                    get => Native.st_allow_tf32_matmul() != 0;
                    set => Native.Check(Native.st_set_allow_tf32_matmul(value.Int()));
                }

                public static bool allow_fp16_reduced_precision_reduction
                {
                    get => Native.st_allow_fp16_reduction() != 0;
                    set => Native.Check(Native.st_set_allow_fp16_reduction(value.Int()));
                }
            }
        }

        public static partial class cudnn
        {
            public static bool allow_tf32
            {
                get => Native.st_allow_tf32_cudnn() != 0;
                set => Native.Check(Native.st_set_allow_tf32_cudnn(value.Int()));
            }
        }
    }
}
