using System.Globalization;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Labels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/prompts: what is in force, what is wrong, and the labels.</summary>
internal static class AdminPromptsEndpoints
{
    private const int MostMoves = 1_000;
    private const int DefaultMoves = 100;

    public static void MapAdminPrompts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/prompts").WithTags("Administration");
        group.MapGet("", GetAsync).WithSummary("The prompts in force, and what is wrong in their folder");
        group.MapPost("/reload", ReloadAsync).WithSummary("Reads the prompts folder now");
        group.MapPut("/{name}/labels/{label}", MoveAsync).WithMetadata(PromptExamples.Move).WithSummary("Moves a label to a version, on all replicas within a second");
        group.MapPost("/{name}/labels/{label}/rollback", RollBackAsync).WithMetadata(PromptExamples.Comment).WithSummary("Moves a label back to the version that it named before");
        group.MapGet("/{name}/history", HistoryAsync).WithSummary("The moves of a prompt's labels, the latest first");
    }

    private static async Task<Ok<PromptsReply>> GetAsync(PromptRegistry registry)
    {
        await registry.Loaded;
        return TypedResults.Ok(PromptsReply.Of(registry));
    }

    private static async Task<Ok<PromptsReply>> ReloadAsync(PromptRegistry registry)
    {
        await registry.ReloadAsync();
        return TypedResults.Ok(PromptsReply.Of(registry));
    }

    private static async Task<Ok<MoveReply>> MoveAsync(string name, string label, HttpContext http, PromptLabels labels, GatewayConfiguration configuration)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, "version", "comment");
        var version = fields.Version("version") ?? throw AdminFields.Missing("version", VersionName.Form);
        return TypedResults.Ok(MoveReply.Of(await labels.MoveAsync(http.Features.GetRequiredFeature<Principal>(), name, label, version, fields.Comment("comment"))));
    }

    private static async Task<Ok<MoveReply>> RollBackAsync(string name, string label, HttpContext http, PromptLabels labels, GatewayConfiguration configuration)
    {
        var fields = await AdminFields.ReadAsync(http, configuration, "comment");
        return TypedResults.Ok(MoveReply.Of(await labels.RollBackAsync(http.Features.GetRequiredFeature<Principal>(), name, label, fields.Comment("comment"))));
    }

    private static async Task<Ok<MoveList>> HistoryAsync(string name, string? limit, PromptLabels labels)
    {
        var most = DefaultMoves;
        return limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is >= 1 and <= MostMoves)
            ? TypedResults.Ok(new MoveList([.. (await labels.HistoryAsync(name, most)).Select(MoveReply.Of)]))
            : throw new GatewayException(ErrorCode.InvalidValue, $"limit is '{Shown.Short(limit)}'; expected a whole number from 1 to {MostMoves}.", "limit");
    }
}

/// <summary>What /admin/prompts answers.</summary>
/// <param name="Folder">The folder that prompts are read from.</param>
/// <param name="Prompts">The prompts in force.</param>
/// <param name="Faults">What is wrong; what was in force before goes on.</param>
internal sealed record PromptsReply(string Folder, IReadOnlyList<AdminPromptReply> Prompts, IReadOnlyList<PromptFaultReply> Faults)
{
    public static PromptsReply Of(PromptRegistry registry)
    {
        var current = registry.Current;
        return new PromptsReply(
            registry.Folder,
            [.. current.Prompts.Values.OrderBy(prompt => prompt.Name, StringComparer.Ordinal).Select(AdminPromptReply.Of)],
            [.. current.Faults.Select(fault => new PromptFaultReply(fault.Prompt, fault.File, fault.Line, fault.Reason))]);
    }
}

/// <summary>A prompt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">The versions that its labels name; null for one that is not there.</param>
/// <param name="Experiment">The experiment that runs on it; null for none.</param>
/// <param name="Versions">Its versions, the oldest first.</param>
internal sealed record AdminPromptReply(string Name, IReadOnlyDictionary<string, string?> Labels, string? Experiment, IReadOnlyList<AdminVersionReply> Versions)
{
    public static AdminPromptReply Of(Prompt prompt) => new(
        prompt.Name, PromptSummary.LabelsOf(prompt), prompt.Experiment?.Name,
        [.. prompt.Versions.Values.OrderBy(version => version.Number).Select(version => new AdminVersionReply(version.Name, version.ContentHash, prompt.Changed.Contains(version.Number)))]);
}

/// <summary>A version.</summary>
/// <param name="Version">Its name.</param>
/// <param name="ContentHash">Another one for another text.</param>
/// <param name="Changed">Whether its text has changed under its number: what was measured of it does not hold for it.</param>
internal sealed record AdminVersionReply(string Version, string ContentHash, bool Changed);

/// <summary>What is wrong.</summary>
/// <param name="Prompt">The prompt; null where it is none.</param>
/// <param name="File">The file, from the folder on; null where it is no file.</param>
/// <param name="Line">The line, from 1; null where it is no single one.</param>
/// <param name="Reason">What is wrong, and what was expected.</param>
internal sealed record PromptFaultReply(string? Prompt, string? File, int? Line, string Reason);

/// <summary>Moves.</summary>
/// <param name="Moves">The moves, the latest first.</param>
internal sealed record MoveList(IReadOnlyList<MoveReply> Moves);

/// <summary>A move of a label.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Label">The label.</param>
/// <param name="From">The version it named; null for none.</param>
/// <param name="To">The version it names; null where it was taken away.</param>
/// <param name="By">Who has moved it.</param>
/// <param name="Source">By what: api, file, environment, experiment.</param>
/// <param name="Comment">Why; null for nothing.</param>
/// <param name="At">When.</param>
internal sealed record MoveReply(string Prompt, string Label, string? From, string? To, string By, string Source, string? Comment, DateTimeOffset At)
{
    public static MoveReply Of(LabelMove move) => new(
        move.Prompt, move.Label, move.From is { } from ? VersionName.Of(from) : null, move.To is { } to ? VersionName.Of(to) : null, move.Actor, move.Source, move.Comment, move.At);
}
