using System.Text.Json.Serialization;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers.Offline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /v1/models and /v1/models/{id}: the models that can be asked now.</summary>
internal static class ModelsEndpoint
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/models").WithTags("OpenAI");
        group.MapGet("", List).WithSummary("The models that can be asked now").Produces<ModelList>();

        // Catch-all, for names of the form provider/model have a slash.
        group.MapGet("/{**id}", Get).WithSummary("One model").Produces<ModelObject>();
    }

    private static IResult List(GatewayConfiguration configuration) =>
        Results.Json(
            new ModelList("list", [.. configuration.Current.Models.Live.Select(model => ModelObject.Of(model, configuration))]),
            ModelContext.Default.ModelList);

    private static IResult Get(string id, GatewayConfiguration configuration) =>
        Results.Json(ModelObject.Of(configuration.Current.Models.Resolve(id), configuration), ModelContext.Default.ModelObject);
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

/// <summary>Source-generated JSON of models.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelObject))]
internal sealed partial class ModelContext : JsonSerializerContext;
