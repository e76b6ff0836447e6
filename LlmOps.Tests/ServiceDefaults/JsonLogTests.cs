using System.Text;
using System.Text.Json;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.ServiceDefaults;

/// <summary>The JSON lines on standard output.</summary>
public sealed partial class JsonLogTests
{
    [Fact]
    public void Line_HasTimeLevelCategoryTextAndFields()
    {
        var output = new MemoryStream();
        using (var log = new JsonLog(output, new ManualTime()))
        {
            LogOrder(log.CreateLogger("Shop.Till"), "tea \"green\"", 3, 4.5m, null, new InvalidOperationException("no change"));
        }

        var line = Lines(output).ShouldHaveSingleItem();
        line.GetProperty("Timestamp").GetDateTimeOffset().ShouldBe(DateTimeOffset.UnixEpoch);
        line.GetProperty("LogLevel").GetString().ShouldBe("Warning");
        line.GetProperty("Category").GetString().ShouldBe("Shop.Till");
        line.GetProperty("Message").GetString().ShouldBe("Sold 3 of tea \"green\" at 4.5 to .");
        line.GetProperty("Exception").GetString()!.ShouldContain("no change");
        line.GetProperty("State").GetRawText().ShouldBe("""{"Item":"tea \"green\"","Count":3,"Price":4.5}""");
    }

    [Fact]
    public void Dispose_WritesWhatIsStillThere()
    {
        var output = new MemoryStream();
        using (var log = new JsonLog(output, TimeProvider.System))
        {
            var logger = log.CreateLogger("Test");
            Parallel.For(0, 10_000, number => LogNumber(logger, number));
        }

        Lines(output).Select(line => line.GetProperty("State").GetProperty("Number").GetInt32()).Order().ShouldBe(Enumerable.Range(0, 10_000));
    }

    [Fact]
    public void OutputThatTakesNothing_NeverBlocksAndLaterSaysWhatIsMissing()
    {
        using var taken = new ManualResetEventSlim();
        var output = new HeldStream(taken);
        var text = new string('x', 100_000);
        using (var log = new JsonLog(output, TimeProvider.System))
        {
            var logger = log.CreateLogger("Test");
            LogText(logger, "first");
            output.WriteBegun.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            for (var line = 0; line < 200; line++)
            {
                LogText(logger, text);
            }

            taken.Set();
        }

        var lines = Lines(output).Select(line => line.GetProperty("Message").GetString()!).ToList();
        var leftOut = 201 - (lines.Count - 1);
        leftOut.ShouldBeGreaterThan(0);
        lines.ShouldContain($"{leftOut} log lines were left out: standard output did not take them in time.");
    }

    [Fact]
    public void OutputThatNobodyReads_IsNoFailure()
    {
        var output = new MemoryStream();
        output.Dispose();
        using var log = new JsonLog(output, TimeProvider.System);

        LogText(log.CreateLogger("Test"), "unheard");
    }

    private static List<JsonElement> Lines(MemoryStream output) =>
        [.. Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    [LoggerMessage(LogLevel.Warning, "Sold {Count} of {Item} at {Price} to {Buyer}.")]
    private static partial void LogOrder(ILogger logger, string item, int count, decimal price, string? buyer, Exception exception);

    [LoggerMessage(LogLevel.Information, "{Number}")]
    private static partial void LogNumber(ILogger logger, int number);

    [LoggerMessage(LogLevel.Information, "{Text}")]
    private static partial void LogText(ILogger logger, string text);

    /// <summary>Takes nothing until it is told to.</summary>
    private sealed class HeldStream(ManualResetEventSlim taken) : MemoryStream
    {
        public ManualResetEventSlim WriteBegun { get; } = new();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            WriteBegun.Set();
            taken.Wait();
            base.Write(buffer);
        }
    }
}
