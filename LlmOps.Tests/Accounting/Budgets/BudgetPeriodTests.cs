using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>Periods of budgets, and the warning before one is used up.</summary>
public sealed class BudgetPeriodTests : BudgetedTests
{
    [Theory]
    [InlineData("day", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z")]
    [InlineData("month", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z")]
    public async Task NextPeriod_BeginsAnew(string period, string now, string then)
    {
        var time = new ShiftedTime(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        Gateway.WithServices(services => services.AddSingleton<TimeProvider>(time));
        var (_, key) = await Gateway.KeyAsync(0.01m, period);
        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);
        (await Gateway.OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");

        time.Now = DateTimeOffset.Parse(then, System.Globalization.CultureInfo.InvariantCulture);

        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);
        (await Gateway.OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");
    }

    [Fact]
    public async Task BudgetInTotal_IsNotThatOfTheDayBefore()
    {
        var time = new ShiftedTime(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
        Gateway.WithServices(services => services.AddSingleton<TimeProvider>(time));
        var (_, key) = await Gateway.KeyAsync(0.01m, "total");
        (await Gateway.OutcomeAsync(key)).Status.ShouldBe(200);

        time.Now += TimeSpan.FromDays(40);

        using var response = await Gateway.AskAsync(key);
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter.ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FromFourFifthsOn_AHeaderSaysSo_AndTheLogOnce(bool streaming)
    {
        var (id, key) = await Gateway.KeyAsync(0.05m);
        var used = new List<string?>();
        for (var count = 0; count < 6; count++)
        {
            using var response = await Gateway.AskAsync(key, streaming);
            await response.Content.ReadAsByteArrayAsync();
            used.Add(response.Headers.TryGetValues("X-LlmOps-Budget-Used", out var values) ? values.Single() : null);
        }

        used.ShouldBe([null, null, null, "0.80", "1.00", null]);
        var warnings = Gateway.Logs.All.Where(log => log.Level == LogLevel.Warning && log.Message.Contains($"key:{id}:day:", StringComparison.Ordinal)).Select(log => log.Message).ToList();
        warnings.Count.ShouldBe(2, string.Join('\n', warnings));
        warnings[0].ShouldContain("80 % are used");
        warnings[1].ShouldContain("is used up");
    }

    [Fact]
    public async Task WhatIsOnlyHeld_IsNoReasonForAWarning()
    {
        var (id, key) = await Gateway.KeyAsync(0.02m);
        using var gate = new Gate();
        var answer = FakeOpenAI.Handler(_ => BudgetedGateway.Answer with { Usage = new FakeUsage(19, 1) }, GatewayApplication.ProviderKey);
        Fake.Handler = request => answer(request).AfterWaitingFor(gate.Opened);
        var underWay = Enumerable.Range(0, 2).Select(_ => Gateway.OutcomeAsync(key)).ToList();
        await Conditions.HoldsAsync(() => Task.FromResult(Fake.Requests.Count == 2));

        (await Gateway.OutcomeAsync(key)).Code.ShouldBe("insufficient_quota");
        gate.Open();
        (await Task.WhenAll(underWay)).ShouldAllBe(outcome => outcome.Status == 200);

        Gateway.Count(id).ShouldBe((0.002m, 0m));
        Gateway.Logs.All.ShouldNotContain(log => log.Level == LogLevel.Warning && log.Message.Contains($"key:{id}:day:", StringComparison.Ordinal));
    }

    private sealed class ShiftedTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
