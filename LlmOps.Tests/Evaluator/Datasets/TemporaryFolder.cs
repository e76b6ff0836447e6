using LlmOps.Evaluator;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Tests.Evaluator.Datasets;

/// <summary>A folder of files that goes away with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    /// <summary>The full path of a file.</summary>
    public string this[string file] => System.IO.Path.Combine(Path, file);

    /// <summary>Writes a file.</summary>
    public string Write(string file, string text)
    {
        File.WriteAllText(this[file], text);
        return this[file];
    }

    /// <summary>The dataset that a file is.</summary>
    public Task<Dataset> ReadAsync(string file, string text) => Dataset.ReadAsync(Write(file, text), CancellationToken.None);

    /// <summary>What is wrong in a file, without the folder.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(string file, string text) => FaultsOf(await Should.ThrowAsync<BadInputException>(ReadAsync(file, text)));

    /// <summary>Faults without the folder.</summary>
    public IReadOnlyList<string> FaultsOf(BadInputException exception) => [.. exception.Faults.Select(fault => fault.Replace(Path + "/", "", StringComparison.Ordinal))];

    /// <summary>A version of a prompt that takes values of variables.</summary>
    public static PromptVersionInfo Version(string version, params PromptVariableInfo[] variables) => new(version, null, new Dictionary<string, System.Text.Json.JsonElement>(), variables, "hash");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
