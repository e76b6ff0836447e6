using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Tests.Prompts.Files;

/// <summary>A folder of prompts that goes away with it, read by a clock that moves only when told.</summary>
internal sealed class TemporaryPrompts : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private DateTime _writtenAt = DateTime.UnixEpoch;

    public TemporaryPrompts()
    {
        Path = System.IO.Path.Combine(_root, "prompts");
        Directory.CreateDirectory(Path);
        Folder = new PromptFolder(Path, Time);
    }

    public ManualTime Time { get; } = new();

    public string Path { get; }

    public PromptFolder Folder { get; }

    /// <summary>The full path of a file.</summary>
    public string this[string file] => System.IO.Path.Combine(Path, file);

    /// <summary>Writes a file, and its folder where it is not there. Each write has a time of its own, which file systems may be too coarse for.</summary>
    public TemporaryPrompts Write(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
        File.SetLastWriteTimeUtc(this[file], _writtenAt += TimeSpan.FromSeconds(1));
        return this;
    }

    /// <summary>Writes the file of a version.</summary>
    public TemporaryPrompts Write(int version, string user = "Hello {{name}}", string prompt = "greeter") =>
        Write($"{prompt}/v{version}.yaml", TestedPrompts.FileOf(version, prompt, user));

    /// <summary>What is there now, whatever is being written.</summary>
    public PromptFolderContent ReadAtOnce() => Folder.Read(atOnce: true);

    /// <summary>What is there after a part of the time in which files settle.</summary>
    public PromptFolderContent ReadAfter(double partOfSettling = 0)
    {
        Time.Advance(PromptFolder.Settling * partOfSettling);
        return Folder.Read(atOnce: false);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
