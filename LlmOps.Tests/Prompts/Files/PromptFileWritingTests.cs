using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

public sealed class PromptFileWritingTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("llmops-prompts-").FullName;
    private readonly ObservedTime _time = new();

    public PromptFileWritingTests() => Directory.CreateDirectory(Path.Combine(_path, "greeter"));

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void FileThatIsWrittenBetweenListingAndReading_IsTakenOnceItIsWhole()
    {
        var folder = new PromptFolder(_path, _time);
        Write("Hello {{name}}, it is day 1");
        folder.Read(atOnce: true);
        Write("Hello {{name}}, it is day 20");
        Said(folder.Read(atOnce: false)).ShouldEndWith("day 1");
        _time.Pass(PromptFolder.Settling);

        // It is settled as it was listed; the clock is looked at before it is read.
        _time.WhenLookedAt = () => Write("Hello");
        var meanwhile = folder.Read(atOnce: false);
        Write("Hello {{name}}, it is day 300");
        folder.Read(atOnce: false);
        _time.Pass(PromptFolder.Settling);
        var after = folder.Read(atOnce: false);

        Said(meanwhile).ShouldEndWith("day 1");
        Said(after).ShouldEndWith("day 300");
        after.IsSettled.ShouldBeTrue();
    }

    private static string Said(PromptFolderContent content) => content.Prompts["greeter"].Versions[1].Messages[0].Content.Source;

    private void Write(string text) => File.WriteAllText(Path.Combine(_path, "greeter/v1.yaml"), $"name: greeter\nversion: v1\nuser: {text}\n");

    private sealed class ObservedTime : TimeProvider
    {
        private long _now;

        /// <summary>Called once, when the clock is looked at next.</summary>
        public Action? WhenLookedAt { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            var look = WhenLookedAt;
            WhenLookedAt = null;
            look?.Invoke();
            return _now;
        }

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
