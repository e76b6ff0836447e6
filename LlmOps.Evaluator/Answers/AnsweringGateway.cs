using LlmOps.Evaluator.Commands;

namespace LlmOps.Evaluator.Answers;

/// <summary>The gateway that answers: the one that was named, or one of the evaluator's own.</summary>
internal sealed class AnsweringGateway : IAsyncDisposable
{
    private readonly OwnGateway? _own;

    private AnsweringGateway(GatewayClient client, OwnGateway? own) => (Client, _own) = (client, own);

    /// <summary>Asks it.</summary>
    public GatewayClient Client { get; }

    /// <summary>Finds or starts it.</summary>
    /// <exception cref="BadInputException">It cannot be started, as settings are not valid.</exception>
    public static async Task<AnsweringGateway> OpenAsync(EvaluationRequest asked, string promptsFolder, CancellationToken cancellationToken)
    {
        if (asked.Gateway is { } address)
        {
            return new AnsweringGateway(new GatewayClient(address, asked.Key, asked.Timeout), null);
        }

        var own = await OwnGateway.StartAsync([$"--Gateway:Prompts:Folder={promptsFolder}"], cancellationToken);
        return new AnsweringGateway(new GatewayClient(own.Address, own.Key, asked.Timeout), own);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
