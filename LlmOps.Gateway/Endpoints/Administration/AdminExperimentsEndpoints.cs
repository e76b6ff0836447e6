using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/experiments: versions of a prompt compared on real traffic.</summary>
internal static class AdminExperimentsEndpoints
{
    private const int MostEvents = 100;

    public static void MapAdminExperiments(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/experiments").WithTags("Administration");
        group.MapGet("", ListAsync).WithSummary("All experiments, those that are over too");
        group.MapPost("", CreateAsync).WithMetadata(PromptExamples.Experiment).WithSummary("Makes an experiment");
        group.MapGet("/{name}", GetAsync).WithSummary("An experiment, and what it says so far");
        group.MapPatch("/{name}", ChangeAsync).WithMetadata(PromptExamples.ExperimentChange).WithSummary("Starts, pauses, or gives it another share or guard");
        group.MapPost("/{name}/decide", DecideAsync).WithMetadata(PromptExamples.Decision).WithSummary("Ends it: production moves to the winner's version");
    }

    private static async Task<Ok<ExperimentList>> ListAsync(PromptRegistry registry)
    {
        await registry.Loaded;
        return TypedResults.Ok(new ExperimentList([.. registry.Current.Experiments.Values.OrderByDescending(experiment => experiment.CreatedAt).Select(ExperimentReply.Of)]));
    }

    private static async Task<Created<ExperimentReply>> CreateAsync(HttpContext http, PromptExperiments experiments, GatewayConfiguration configuration)
    {
        var definition = ExperimentDefinition.Read(JsonBody.Parse(await RequestBody.ReadAsync(http, configuration.Current)), prompt: null);
        return TypedResults.Created($"/admin/experiments/{definition.Name}", ExperimentReply.Of(await experiments.CreateAsync(Actor(http), definition)));
    }

    private static async Task<Ok<ExperimentReportReply>> GetAsync(string name, HttpContext http, PromptExperiments experiments, PromptRegistry registry, ExposureTable table)
    {
        await registry.Loaded;
        var experiment = experiments.Find(name);
        var events = await experiments.EventsAsync(name, MostEvents);
        var reading = await ExperimentReading.ReadAsync(experiment, table, http.RequestAborted);
        var report = ExperimentReport.Of(reading, wasResumed: events.Any(done => done.Action == ExperimentChanges.VariantResumed));
        return TypedResults.Ok(ExperimentReportReply.Of(report, registry.Current.Prompts.GetValueOrDefault(experiment.Definition.Prompt), events));
    }

    private static async Task<Ok<ExperimentReply>> ChangeAsync(string name, HttpContext http, PromptExperiments experiments, GatewayConfiguration configuration)
    {
        var body = await RequestBody.ReadFieldsAsync(http, configuration, "state", "share", "guard", "variants", "comment");
        Dictionary<string, bool> variants = [];
        if (JsonBody.Optional(body.Root, "variants"u8) is { } given)
        {
            foreach (var member in body.Object(given, "an object of variants, each running or paused").EnumerateObject())
            {
                variants[member.Name] = body.Text(member.Value, "running or paused") switch
                {
                    "paused" => true,
                    "running" => false,
                    _ => throw body.Invalid(member.Value, "running or paused"),
                };
            }
        }

        var change = new ExperimentChange(
            ExperimentDefinition.Word<ExperimentState>(body, "state"), ExperimentDefinition.ShareOf(body), ExperimentDefinition.GuardOf(body), variants, Comment(body));
        return TypedResults.Ok(ExperimentReply.Of(await experiments.ChangeAsync(Actor(http), name, change)));
    }

    private static async Task<Ok<ExperimentReply>> DecideAsync(string name, HttpContext http, PromptExperiments experiments, GatewayConfiguration configuration)
    {
        var body = await RequestBody.ReadFieldsAsync(http, configuration, "winner", "comment");
        var winner = body.NonEmptyText(body.Required(body.Root, "winner"u8, "the variant whose version production is to name"));
        return TypedResults.Ok(ExperimentReply.Of(await experiments.DecideAsync(Actor(http), name, winner, Comment(body))));
    }

    private static string? Comment(JsonBody body) => JsonBody.Optional(body.Root, "comment"u8) is { } value ? body.ShortText(value, AdminFields.LongestComment) : null;

    private static Principal Actor(HttpContext http) => http.Features.GetRequiredFeature<Principal>();
}
