using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Registers what records.</summary>
internal static class LedgerRegistration
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton(provider => new Journal(
            Path.Combine(provider.GetRequiredService<DataFolder>().Own, Journal.FolderName),
            provider.GetRequiredService<GatewayConfiguration>().Current.Options.Accounting.JournalMaxBytes,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Journal>>()))
        .AddSingleton<UsageLedger>()
        .AddSingleton<LedgerTables>()
        .AddSingleton<LedgerRecorder>()
        .AddSingleton<SegmentRecorder>()
        .AddHostedService<LedgerDrain>()
        .AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, LedgerHealth>();
}
