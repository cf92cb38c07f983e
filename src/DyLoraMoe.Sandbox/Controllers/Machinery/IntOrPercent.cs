using System.Globalization;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Machinery;

/// <summary>Counts that may be written as a share of a whole, such as maxSurge: 25%.</summary>
internal static class IntOrPercent
{
    public static int Of(IntOrString? value, int whole, bool roundUp, string fallback)
    {
        var text = value?.Value ?? fallback;
        if (!text.EndsWith('%'))
        {
            return int.Parse(text, CultureInfo.InvariantCulture);
        }

        var share = whole * decimal.Parse(text[..^1], CultureInfo.InvariantCulture) / 100;
        return (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }
}
