using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Files;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Tests.Prompts;

/// <summary>Prompts, experiments and what is known of them, made up.</summary>
internal static class TestedPrompts
{
    /// <summary>What a version's file says, with more lines at its end.</summary>
    public static string FileOf(int number, string prompt = "greeter", string user = "Hello {{name}}", string more = "") =>
        $"name: {prompt}\nversion: v{number}\nuser: {JsonSerializer.Serialize(user)}\n{more}";

    /// <summary>A version.</summary>
    public static PromptVersion Version(int number, string prompt = "greeter", string user = "Hello {{name}}", string more = "") =>
        VersionFile.Read(prompt, number, FileOf(number, prompt, user, more));

    /// <summary>Versions by number.</summary>
    public static Dictionary<int, PromptVersion> Versions(params int[] numbers) => numbers.ToDictionary(number => number, number => Version(number));

    /// <summary>A prompt's files.</summary>
    public static PromptFiles Files(string prompt, params int[] versions) => new(prompt, versions.ToDictionary(number => number, number => Version(number, prompt)), null, null);

    /// <summary>A folder that is settled.</summary>
    public static PromptFolderContent Folder(params PromptFiles[] prompts) => new(prompts.ToDictionary(prompt => prompt.Name), [], IsSettled: true);

    /// <summary>What the database says.</summary>
    public static PromptRows Rows(params (string Label, int Version)[] labels) => PromptRows.Empty with
    {
        Labels = [.. labels.Select(label => new LabelRow { Prompt = "greeter", Label = label.Label, Version = label.Version, Source = MoveSource.Api, MovedAt = 0 })],
    };

    /// <summary>An experiment as the API takes it, with more members.</summary>
    public static ExperimentDefinition Definition(string more = "", string variants = """{"version":"v1"},{"version":"v2"}""") =>
        ExperimentJson.Read($$"""{"name":"tone","prompt":"greeter",{{more}}"variants":[{{variants}}]}""");

    /// <summary>One that runs.</summary>
    public static Experiment Running(string more = "", string variants = """{"version":"v1"},{"version":"v2"}""") =>
        Experiment.New(Definition(more, variants), MoveSource.Api, DateTimeOffset.UnixEpoch) with { State = ExperimentState.Running, StartedAt = DateTimeOffset.UnixEpoch };

    /// <summary>What a request asks of the model.</summary>
    public static PromptParameters Parameters(string json)
    {
        var body = JsonBody.Parse(Encoding.UTF8.GetBytes($$"""{"parameters":{{json}}}"""));
        return PromptParameters.Read(body, body.Root);
    }
}
