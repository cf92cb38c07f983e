using System.Security.Cryptography;
using System.Text;

namespace DyLoraMoe.Core.Data;

/// <summary>Ties a batch state to the data, shape and seed that it was taken from.</summary>
internal static class BatchFingerprint
{
    public static string Of(string kind, IncrementalHash data, BatchOptions options)
    {
        data.AppendData(Encoding.UTF8.GetBytes(
            $"{kind}/{options.Rows}/{options.RowLength}/{options.Seed}/{options.Window}/{options.Pack}/{options.PadId}"));
        return Convert.ToHexStringLower(data.GetHashAndReset());
    }

    public static void Require(string expected, BatchSourceState state)
    {
        if (!string.Equals(expected, state.Fingerprint, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"The batch state was taken from other data, another batch shape or another seed (expected fingerprint {expected}, found {state.Fingerprint}); resume with what the checkpoint was made with, or start afresh.");
        }
    }
}
