using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Shows in /health whether what requests cost is recorded, and survives this process.</summary>
internal sealed class LedgerHealth(UsageLedger ledger, LedgerRecorder recorder) : IHealthCheck, IConfigureOptions<HealthCheckServiceOptions>
{
    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options) =>
        options.Registrations.Add(new HealthCheckRegistration("ledger", this, HealthStatus.Degraded, tags: null));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var journal = ledger.Journal;
        var counts = string.Create(CultureInfo.InvariantCulture, $"{journal.Depth} requests wait for the database, {journal.Dropped} were lost, {journal.Damaged} lines were damaged");
        return Task.FromResult((journal.Fault, recorder.Fault) switch
        {
            ({ } fault, _) => HealthCheckResult.Degraded($"the journal cannot be written: {fault}; {counts}"),
            (_, { } fault) => HealthCheckResult.Degraded($"the database does not take entries: {fault} {counts}"),
            _ => HealthCheckResult.Healthy(counts),
        });
    }
}
