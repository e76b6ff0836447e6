using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Accounting;

/// <summary>Registers what counts and records.</summary>
internal static class AccountingRegistration
{
    // What starts last stops first: budgets are told of what the ledger records at the end.
    public static IServiceCollection AddGatewayAccounting(this IServiceCollection services) =>
        services.AddSingleton<RequestAccounting>().AddGatewayBudgets().AddLedger();
}
