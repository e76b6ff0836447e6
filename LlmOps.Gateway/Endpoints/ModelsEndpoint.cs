using System.Text.Json.Serialization;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Offline;
using LlmOps.Gateway.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /v1/models and /v1/models/{id}: the models that can be asked now.</summary>
internal static class ModelsEndpoint
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/models").WithTags("OpenAI");
        group.MapGet("", List).WithSummary("The models that can be asked now");

        // Catch-all, for names of the form provider/model have a slash.
        group.MapGet("/{**id}", Get).WithSummary("One model");
    }

    private static async Task<Ok<ModelList>> List(HttpContext http, GatewayConfiguration configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        var principal = http.Features.GetRequiredFeature<Principal>();
        var models = await LiveModels.ListAsync(configuration.Current, cancellationToken);
        return TypedResults.Ok(new ModelList("list", [.. models.Where(model => principal.MayAsk(model.Route.Name)).Select(model => ModelObject.Of(model, configuration, time))]));
    }

    // Clients encode the slash, which routing leaves encoded.
    private static async Task<Ok<ModelObject>> Get(string id, HttpContext http, GatewayConfiguration configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (!http.Features.GetRequiredFeature<Principal>().MayAsk(name))
        {
            throw new GatewayException(ErrorCode.PermissionDenied, $"This key may not ask model '{Shown.Short(name)}'.", "model");
        }

        var model = await LiveModels.FindAsync(configuration.Current, name, cancellationToken);
        return TypedResults.Ok(ModelObject.Of(model, configuration, time));
    }
}

/// <summary>OpenAI's list of models.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelObject> Data);

/// <summary>OpenAI's model, and what the gateway knows besides.</summary>
/// <param name="Id">What to put into <c>model</c>.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">When the gateway's configuration came into force, in Unix seconds: providers' own dates are not known.</param>
/// <param name="OwnedBy">The provider's name in the configuration.</param>
/// <param name="Provider">The same, under the name that other answers use.</param>
/// <param name="ProviderModel">The provider's name for the model.</param>
/// <param name="ContextWindow">Tokens of input and output together; null where it is not known.</param>
/// <param name="MaxOutputTokens">Most tokens of one answer; null where it is not known.</param>
/// <param name="UseCase">What it is good for.</param>
/// <param name="Features">What it can do through this gateway: images, audio, files, tools, json_schema, reasoning, web_search, logprobs; fixed_sampling where it takes no temperature; embeddings of a model for POST /v1/embeddings, which answers no chats. Null where it is not known.</param>
/// <param name="Pricing">Where its price comes from: listed (see Price), reported (the provider tells with every answer), free (it runs here), or unpriced (nobody knows).</param>
/// <param name="Price">The listed price; null where there is none.</param>
/// <param name="SystemFingerprint">Says of the offline models that they are no LLM and no learned model; absent elsewhere.</param>
internal sealed record ModelObject(
    string Id, string Object, long Created, string OwnedBy, string Provider, string ProviderModel, int? ContextWindow, int? MaxOutputTokens, string? UseCase,
    IReadOnlyList<string>? Features, string Pricing, ModelObjectPrice? Price,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SystemFingerprint)
{
    public static ModelObject Of(ListedModel model, GatewayConfiguration configuration, TimeProvider time)
    {
        var target = model.Route.Target;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var price = target.Pricing.PriceOn(today);
        var source = target.Pricing.SourceOn(today);
        return new ModelObject(
            model.Route.Name, "model", configuration.LoadedAt.ToUnixTimeSeconds(), target.Provider, target.Provider, target.Model,
            model.ContextWindow, model.Facts?.MaxOutputTokens, model.UseCase, FeaturesOf(target), source.ToString().ToLowerInvariant(),
            price is null ? null : ModelObjectPrice.Of(price, target.Pricing.Facts!.On(today)!.AsOf),
            target.ProviderType != ProviderTypes.Offline ? null : target.Client is null ? OfflineEmbeddingGenerator.SystemFingerprint : OfflineModel.SystemFingerprint);
    }

    // What the model can do and its protocol can carry.
    private static IReadOnlyList<string>? FeaturesOf(Target target) => target switch
    {
        { Client: null } => [ModelFeatures.Embeddings],
        { ProviderType: ProviderTypes.Offline } => [ModelFeatures.Tools, ModelFeatures.JsonSchema],
        _ => target.Pricing.Facts?.Features,
    };
}

/// <summary>A listed price, in US dollars per million tokens.</summary>
/// <param name="Currency">Always USD.</param>
/// <param name="Unit">Always 1M tokens.</param>
/// <param name="Input">Input tokens.</param>
/// <param name="CachedInput">Input tokens read from the provider's prompt cache; null where they cost as much as others.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="AsOf">The day on which the list was true.</param>
internal sealed record ModelObjectPrice(string Currency, string Unit, decimal Input, decimal? CachedInput, decimal Output, DateOnly AsOf)
{
    public static ModelObjectPrice Of(ModelPrice price, DateOnly asOf) => new("USD", "1M tokens", price.Input, price.CachedInput, price.Output, asOf);
}
