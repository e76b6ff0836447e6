using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>Tests of budgets over real sockets: a gateway with a list of prices, whose provider always answers.</summary>
public abstract class BudgetedTests : GatewayTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-prices-").FullName;

    protected BudgetedTests()
    {
        Gateway.With("Gateway:Accounting:PriceFile", BudgetedGateway.PriceFile(_folder));
        Fake.Handler = FakeOpenAI.Handler(_ => BudgetedGateway.Answer, GatewayApplication.ProviderKey);
    }
}
