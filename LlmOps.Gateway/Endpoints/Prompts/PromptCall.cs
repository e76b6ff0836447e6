using System.Text;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>A request of an endpoint outside /v1 that is made from a prompt.</summary>
internal sealed class PromptCall(PromptRenderer renderer)
{
    // Roles and separators; the messages are few.
    private const int BytesBesidesText = 32;

    /// <summary>Makes it: chooses the version, puts values in their places, and settles what is asked of the model.</summary>
    /// <param name="facts">The request; what it is made from is noted there.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="body">The caller's body, with version, label, model, temperature and max_tokens where it has them.</param>
    /// <param name="values">Gives values to the version's variables.</param>
    /// <param name="stream">Whether the caller wants a stream.</param>
    /// <exception cref="Errors.GatewayException">It cannot be made.</exception>
    public async ValueTask<ChatCallRequest> MakeAsync(GatewayRequest facts, string name, JsonBody body, Func<PromptVersion, IReadOnlyDictionary<string, string>> values, bool stream)
    {
        var model = Text(body, "model");
        var (use, messages) = await renderer.RenderAsync(facts, name, Text(body, "version"), Text(body, "label"), model is not null, values);
        return new ChatCallRequest(model ?? use.Model ?? facts.Configuration.Models.DefaultModel, messages, Options(body, use.Parameters, facts.Configuration.Options.Endpoints), stream)
        {
            TextBytes = messages.Sum(message => Encoding.UTF8.GetByteCount(message.Text) + BytesBesidesText) + use.Parameters.TextBytes,
        };
    }

    // What the caller asks, before what the prompt does, before the endpoints' defaults.
    private static GatewayChatOptions Options(JsonBody body, PromptParameters parameters, EndpointOptions defaults)
    {
        var options = (GatewayChatOptions)parameters.Options.Clone();
        var asked = PlainFields.Options(body, options.Temperature ?? defaults.DefaultTemperature, options.MaxOutputTokens ?? defaults.DefaultMaxTokens);
        options.TemperatureIsDefault = asked.TemperatureIsDefault && options.Temperature is null;
        options.MaxTokensIsDefault = asked.MaxTokensIsDefault && options.MaxOutputTokens is null;
        (options.Temperature, options.MaxOutputTokens) = (asked.Temperature, asked.MaxOutputTokens);
        return options;
    }

    private static string? Text(JsonBody body, string field) => JsonBody.Optional(body.Root, field) is { } value ? body.NonEmptyText(value) : null;
}
