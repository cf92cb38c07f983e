using System;
using System.Globalization;
using System.Text;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    // Long dimensions show this many entries at each end.
    private const int Shown = 3;

    /// <summary>Shape, type and device.</summary>
    public static string metastr(this torch.Tensor tensor) => tensor.ToString();

    /// <summary>The values in nested brackets, as NumPy prints them; long dimensions are cut in the middle.</summary>
    public static string npstr(this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null)
    {
        using var scope = torch.NewDisposeScope();
        var text = new StringBuilder();
        Append(text, tensor.detach().cpu(), (int)tensor.Dimensions, fltFormat, newLine ?? Environment.NewLine, cultureInfo ?? CultureInfo.CurrentCulture);
        return text.ToString();
    }

    private static void Append(StringBuilder text, torch.Tensor tensor, int depth, string? format, string newLine, CultureInfo culture)
    {
        if (tensor.Dimensions == 0)
        {
            text.Append(Number(tensor.Item(), format, culture));
            return;
        }

        text.Append('[');
        var length = tensor.size(0);
        var inner = tensor.Dimensions - 1;
        for (var i = 0L; i < length; i++)
        {
            if (length > 2 * Shown + 1 && i == Shown)
            {
                text.Append("... ");
                i = length - Shown;
            }

            using var entry = tensor[i];
            Append(text, entry, depth, format, newLine, culture);
            if (i == length - 1)
            {
                break;
            }

            if (inner == 0)
            {
                text.Append(", ");
            }
            else
            {
                text.Append(newLine).Append(' ', depth - (int)inner);
            }
        }

        text.Append(']');
    }

    private static string Number(ScalarValue value, string? format, CultureInfo culture) => value.Kind switch
    {
        ScalarValue.Integer => value.IntegerValue.ToString(culture),
        ScalarValue.Boolean => (value.IntegerValue != 0).ToString(culture),
        ScalarValue.Real => value.RealPart.ToString(format, culture),
        _ => value.RealPart.ToString(format, culture) + "+" + value.ImaginaryPart.ToString(format, culture) + "i",
    };
}
