using System;

namespace TorchSharp;

/// <summary>Anomaly detection, on or off until disposed of.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _wasEnabled;
    private readonly bool _checkedNaN;

    public AnomalyMode(bool enabled, bool check_nan = true)
    {
        _wasEnabled = IsEnabled;
        _checkedNaN = ShouldCheckNaN;
        Native.st_set_anomaly_mode(enabled.Int(), check_nan.Int());
    }

    public static bool IsEnabled => Native.st_anomaly_mode() != 0;

    public static bool ShouldCheckNaN => Native.st_anomaly_checks_nan() != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Native.st_set_anomaly_mode(_wasEnabled.Int(), _checkedNaN.Int());
        }
    }
}
