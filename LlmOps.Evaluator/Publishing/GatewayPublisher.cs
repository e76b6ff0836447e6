using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Publishing;

/// <summary>The gateway, which keeps evaluations for GET /admin/evaluations: numbers and verdicts, no cases.</summary>
/// <param name="gateway">It; not disposed of here.</param>
/// <param name="time">The clock.</param>
internal sealed class GatewayPublisher(GatewayClient gateway, TimeProvider time) : IPublisher
{
    private const string Path = "admin/evaluations";

    private readonly Retries _retries = new(time);

    /// <inheritdoc/>
    public string Name => Publishers.Gateway;

    /// <inheritdoc/>
    public async Task PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken)
    {
        try
        {
            await _retries.RunAsync(() => gateway.SendAsync(HttpMethod.Post, Path, Write(result), [], cancellationToken), cancellationToken);
        }
        catch (GatewayCallException exception) when (exception.Status is 401 or 403)
        {
            throw new PublishException($"It refuses the key: {exception.Message} Evaluations are taken from who has the role admin: give such a key with --key.");
        }
        catch (GatewayCallException exception)
        {
            throw new PublishException(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The client is its maker's.
    }

    /// <summary>An evaluation as it is sent: how many cases it has in place of the cases.</summary>
    public static JsonObject Write(EvaluationResult result)
    {
        var json = JsonSerializer.SerializeToNode(result with { Cases = [] }, ResultJson.Default.EvaluationResult)!.AsObject();
        json.Remove("cases");
        json["case_count"] = result.Cases.Count;
        return json;
    }
}
