namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What becomes of a loss per element.</summary>
        public enum Reduction : long
        {
            None,
            Mean,
            Sum,
        }
    }
}
