using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Publishing;
using LlmOps.Tests.Access;

namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>Evaluations in a gateway that runs.</summary>
public sealed class GatewayPublisherTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly GatewayApplication _gateway = new();
    private readonly ManualTime _time = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task Evaluation_IsThereOnce()
    {
        using var client = new GatewayClient(_gateway.Address, GatewayApplication.AdministratorKey, Timeout);
        using var publisher = new GatewayPublisher(client, _time);

        await publisher.PublishAsync(SomeEvaluation.Of(), "reports", default);
        await publisher.PublishAsync(SomeEvaluation.Of(), "reports", default);

        var head = (await _gateway.AdministerAsync("GET", "/admin/evaluations")).GetProperty("data").EnumerateArray().Single();
        (head.GetProperty("id").GetString(), head.GetProperty("cases").GetInt32()).ShouldBe((SomeEvaluation.Id, 3));
        var all = await _gateway.AdministerAsync("GET", $"/admin/evaluations/{SomeEvaluation.Id}");
        all.GetRawText().ShouldNotContain("Größe", Case.Sensitive);
        all.GetProperty("evaluation").GetProperty("comparisons")[0].GetProperty("words").GetString().ShouldBe("better: 0.4 more");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("user")]
    [InlineData("operator")]
    public async Task KeyWithoutTheRole_IsTold(string? role)
    {
        var key = role is null ? null : (await _gateway.CreateKeyAsync($$"""{"name":"one","roles":["{{role}}"]}""")).Key;
        using var client = new GatewayClient(_gateway.Address, key, Timeout);
        using var publisher = new GatewayPublisher(client, _time);

        var fault = await Should.ThrowAsync<PublishException>(publisher.PublishAsync(SomeEvaluation.Of(), "reports", default));

        fault.Message.ShouldStartWith("It refuses the key: ");
        fault.Message.ShouldEndWith("Evaluations are taken from who has the role admin: give such a key with --key.");
    }

    [Fact]
    public async Task GatewayThatIsNotThere_IsTold()
    {
        using var client = new GatewayClient(new Uri("http://127.0.0.1:1"), null, Timeout);
        using var publisher = new GatewayPublisher(client, _time);

        var fault = await Should.ThrowAsync<PublishException>(_time.UntilAsync(publisher.PublishAsync(SomeEvaluation.Of(), "reports", default)));

        fault.Message.ShouldStartWith("The gateway at http://127.0.0.1:1/ cannot be reached");
    }
}
