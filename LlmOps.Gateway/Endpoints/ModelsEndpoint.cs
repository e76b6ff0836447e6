using System.Text.Json.Serialization;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers.Offline;
using LlmOps.Gateway.Routing;
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

    private static Ok<ModelList> List(GatewayConfiguration configuration) =>
        TypedResults.Ok(new ModelList("list", [.. configuration.Current.Models.Live.Select(model => ModelObject.Of(model, configuration))]));

    // Clients encode the slash, which routing leaves encoded.
    private static Ok<ModelObject> Get(string id, GatewayConfiguration configuration) =>
        TypedResults.Ok(ModelObject.Of(configuration.Current.Models.Resolve(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)), configuration));
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
/// <param name="UseCase">What it is good for.</param>
/// <param name="SystemFingerprint">Says of the offline model that it is not an LLM; absent elsewhere.</param>
internal sealed record ModelObject(
    string Id, string Object, long Created, string OwnedBy, string Provider, string ProviderModel, int? ContextWindow, string? UseCase,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SystemFingerprint)
{
    public static ModelObject Of(ListedModel model, GatewayConfiguration configuration)
    {
        var target = model.Route.Target;
        return new ModelObject(
            model.Route.Name, "model", configuration.LoadedAt.ToUnixTimeSeconds(), target.Provider, target.Provider, target.Model, model.ContextWindow, model.UseCase,
            target.Client.GetService(typeof(OfflineChatClient)) is null ? null : OfflineModel.SystemFingerprint);
    }
}
