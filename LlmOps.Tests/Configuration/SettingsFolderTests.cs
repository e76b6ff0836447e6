using LlmOps.Gateway.Configuration;

namespace LlmOps.Tests.Configuration;

/// <summary>Changes of settings files are told, and of nothing else that lies in or below their folder.</summary>
public sealed class SettingsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("create")]
    [InlineData("write")]
    [InlineData("delete")]
    [InlineData("rename")]
    public async Task ChangeOfAFile_IsToldToThoseWhoWatchIt(string change)
    {
        var file = Path.Combine(_folder, "a.json");
        await FileChange.PrepareAsync(change, file);
        var folder = SettingsFolder.Of(_folder);
        var (token, other) = (folder.Watch("a.json"), folder.Watch("b.json"));
        await FileChange.MakeAsync(change, file);

        await Conditions.HoldsAsync(() => Task.FromResult(token.HasChanged));
        other.HasChanged.ShouldBeFalse();
        SettingsFolder.Of(_folder + "/").ShouldBeSameAs(folder);
    }

    [Fact]
    public async Task FileOfTheSameNameBelow_IsNotWatched()
    {
        var below = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        var folder = SettingsFolder.Of(_folder);
        var (token, last) = (folder.Watch("a.json"), folder.Watch("last.json"));

        await File.WriteAllTextAsync(Path.Combine(below, "a.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "last.json"), "{}");

        // Events come in their order: that of the first would be there before this one.
        await Conditions.HoldsAsync(() => Task.FromResult(last.HasChanged));
        token.HasChanged.ShouldBeFalse();
    }
}
