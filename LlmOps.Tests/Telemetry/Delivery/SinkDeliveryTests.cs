using System.Globalization;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Telemetry.Delivery;

/// <summary>What becomes of events, whatever their sink does: each is delivered at least once, or dropped and counted.</summary>
public sealed class SinkDeliveryTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly CollectingSink _sink = new();
    private readonly DeliveryOptions _options = new() { Interval = TimeSpan.FromMilliseconds(1), Backoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(5), Duty = 1, BusyDuty = 1 };
    private CancellationTokenSource _stopping = new();
    private SinkDelivery? _delivery;
    private Task _running = Task.CompletedTask;
    private int _given;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Events_AreSentTogether_InTheirOrder()
    {
        _options.Interval = TimeSpan.FromMinutes(1);
        _options.BatchEvents = 50;
        Start();
        Give(100);

        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Taken.Count == 100));

        Numbers().ShouldBe(Enumerable.Range(0, 100));
        _sink.Calls.ShouldBeLessThanOrEqualTo(3);
        Delivery.Counts.Delivered.ShouldBe(100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SinkThatIsDown_HasEveryEventAfterwards_InTheirOrder(bool spools)
    {
        var isDown = true;
        _sink.Answer = _ => isDown ? throw new SinkException("down") : Task.FromResult(SinkReply.Taken);
        Start(spools);
        Give(50);
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Fault == "down"));
        Give(450);
        if (spools)
        {
            // It does not stay in memory.
            await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Waiting == 0 && Delivery.Spooled > 0));
        }

        isDown = false;

        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered == 500));
        Numbers().ShouldBe(Enumerable.Range(0, 500));
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery is { Fault: null, Spooled: 0 }));
        Delivery.Counts.AllDropped.ShouldBe(0);
    }

    [Fact]
    public async Task QueueThatIsFull_DropsAndCountsExactly()
    {
        var hangs = new Gate();
        _options.MaxEvents = 100;
        _options.BatchEvents = 10;
        _sink.Answer = async _ =>
        {
            await hangs.Opened;
            return SinkReply.Taken;
        };
        Start();
        Give(10);
        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Calls == 1));

        Give(1000);

        Delivery.HasRoom.ShouldBeFalse();
        Delivery.Counts.Dropped[SinkCounts.Full].ShouldBe(900);
        hangs.Open();
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered == 110));
        Delivery.Counts.AllDropped.ShouldBe(900);
    }

    [Fact]
    public async Task SpoolThatIsFull_DropsAndCountsExactly()
    {
        _options.SpoolBytes = 20_000;
        var isDown = true;
        _sink.Answer = _ => isDown ? throw new SinkException("down") : Task.FromResult(SinkReply.Taken);
        Start();
        Give(500);
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Waiting == 0 && Delivery.Counts.AllDropped > 0));
        Delivery.Spooled.ShouldBeLessThanOrEqualTo(20_000);

        isDown = false;

        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered + Delivery.Counts.AllDropped == 500));
        Delivery.Counts.Dropped.Keys.ShouldBe([SinkCounts.SpoolFull]);
        _sink.Taken.Count.ShouldBe((int)Delivery.Counts.Delivered);
    }

    [Fact]
    public async Task BatchThatIsRefused_IsSentInParts_UntilTheOneAtFaultIsDropped()
    {
        _sink.Answer = batch => batch.Any(telemetry => NumberOf(telemetry) == 7) ? throw new BatchRefusedException("413") : Task.FromResult(SinkReply.Taken);
        _options.BatchEvents = 20;
        _options.Interval = TimeSpan.FromMinutes(1);
        Start();

        Give(20);

        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered == 19));
        Numbers().ShouldBe(Enumerable.Range(0, 20).Where(number => number != 7));
        Delivery.Counts.Dropped.ShouldBe(new Dictionary<string, long> { [SinkCounts.Rejected] = 1 });
    }

    [Fact]
    public async Task SinkWithAFaultOfItsOwn_LosesNothingButTheEventThatItComesFrom()
    {
        _sink.Answer = batch => batch.Any(telemetry => NumberOf(telemetry) == 3) ? throw new InvalidOperationException("a fault") : Task.FromResult(SinkReply.Taken);
        Start();

        Give(10);

        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered == 9));
        Delivery.Counts.Dropped.ShouldBe(new Dictionary<string, long> { [SinkCounts.Rejected] = 1 });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PartOfABatchThatFails_IsSentAgain_AndRejectedOnesAreCounted(bool spools)
    {
        _sink.Answer = batch => Task.FromResult(batch.Count < 10 ? SinkReply.Taken : new SinkReply { Rejected = 1, Reason = "no", Again = [.. batch.Skip(1).Take(2)] });
        _options.BatchEvents = 10;
        _options.Interval = TimeSpan.FromMinutes(1);
        Start(spools);

        Give(10);

        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Counts.Delivered == 9 && Delivery.Fault is null));
        Delivery.Counts.Dropped.ShouldBe(new Dictionary<string, long> { [SinkCounts.Rejected] = 1 });
        Numbers().ShouldBe([3, 4, 5, 6, 7, 8, 9, 1, 2]);
    }

    [Fact]
    public async Task SpoolThatCannotBeRemoved_EndsNoDelivery()
    {
        var isDown = true;
        _sink.Answer = _ => isDown ? throw new SinkException("down") : Task.FromResult(SinkReply.Taken);
        Start();
        Give(20);
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Waiting == 0 && Delivery.Spooled > 0));

        // What is there in its place is a folder, which is no file to read or to remove.
        var segment = Directory.GetFiles(Path.Combine(_folder, "spool")).Single();
        File.Delete(segment);
        Directory.CreateDirectory(Path.Combine(segment, "within"));
        isDown = false;
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Fault?.Contains("spool", StringComparison.Ordinal) == true));
        Directory.Delete(segment, recursive: true);
        Give(20);

        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Taken.Count > 0 && Delivery.Fault is null));
    }

    [Fact]
    public async Task EndOfTheProcess_SendsWhatIsThere_AndClosesTheSink()
    {
        _options.Interval = TimeSpan.FromHours(1);
        Start();
        Give(10);

        await StopAsync();

        Numbers().ShouldBe(Enumerable.Range(0, 10));
        _sink.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task WhatIsLeftAtTheEndOfAProcess_TheNextOneSends()
    {
        _sink.Answer = _ => throw new SinkException("down");
        Start();
        Give(30);
        await Conditions.HoldsAsync(() => Task.FromResult(Delivery.Fault is not null));
        Give(30);
        await StopAsync();
        Delivery.Counts.AllDropped.ShouldBe(0);

        _sink.Answer = _ => Task.FromResult(SinkReply.Taken);
        Start();

        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Taken.Count == 60));
        Numbers().ShouldBe(Enumerable.Range(0, 60));
    }

    [Fact]
    public async Task SinkThatNeverAnswers_IsGivenUpAtTheEnd_AndNothingIsLost()
    {
        _sink.Answer = _ => new TaskCompletionSource<SinkReply>().Task;
        _options.ShutdownTimeout = TimeSpan.FromMilliseconds(10);
        Start();
        Give(20);
        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Calls == 1));
        await StopAsync();

        _sink.Answer = _ => Task.FromResult(SinkReply.Taken);
        Start();

        await Conditions.HoldsAsync(() => Task.FromResult(_sink.Taken.Count == 20));
        Numbers().ShouldBe(Enumerable.Range(0, 20));
    }

    private SinkDelivery Delivery => _delivery!;

    private void Start(bool spools = true)
    {
        _delivery = new SinkDelivery(_sink, _options, spools ? new Spool(Path.Combine(_folder, "spool"), _options.SpoolBytes) : null, TimeProvider.System, NullLogger.Instance);
        _stopping = new CancellationTokenSource();
        _running = _delivery.RunAsync(_options.ShutdownTimeout, _stopping.Token);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _delivery?.Dispose();
    }

    private void Give(int count)
    {
        for (var number = 0; number < count; number++)
        {
            Delivery.Offer(new ScoreGiven
            {
                Id = Guid.CreateVersion7(), RequestId = Guid.NewGuid(), At = DateTimeOffset.UnixEpoch, Name = "score", Value = _given++, Source = ScoreGiven.Feedback,
                Comment = (_given - 1).ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private static int NumberOf(TelemetryEvent telemetry) => (int)((ScoreGiven)telemetry).Value;

    private IEnumerable<int> Numbers() => _sink.Taken.Select(NumberOf);
}
