using System.Diagnostics.Metrics;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>How the journal fares, for OpenTelemetry.</summary>
internal sealed class LedgerMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryNames.Source);

    public LedgerMetrics(Journal journal)
    {
        _meter.CreateObservableGauge(TelemetryNames.JournalDepth, () => journal.Depth, "{request}", "Requests that are over and not yet in the database.");
        _meter.CreateObservableGauge(TelemetryNames.JournalSize, () => journal.Bytes, "By", "Bytes of the journal on the disk.");
        _meter.CreateObservableCounter(TelemetryNames.JournalDropped, () => journal.Dropped, "{request}", "Requests that are not recorded, as neither the disk nor memory had room.");
        _meter.CreateObservableCounter(TelemetryNames.JournalDamaged, () => journal.Damaged, "{line}", "Lines of the journal that could not be read.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
