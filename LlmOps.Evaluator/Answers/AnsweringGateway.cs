using LlmOps.Evaluator.Commands;

namespace LlmOps.Evaluator.Answers;

/// <summary>The gateway that answers: the one that was named, or one of the evaluator's own.</summary>
internal sealed class AnsweringGateway : IAsyncDisposable
{
    private readonly OwnGateway? _own;
    private Task? _ended;

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

    /// <summary>One of the evaluator's own has nothing more to do: it begins to end, beside what follows. One that was named can still be asked.</summary>
    public void End() => _ended ??= _own is null ? null : Task.Run(() => _own.DisposeAsync().AsTask());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // First, so that none of its calls is waited for.
        Client.Dispose();
        End();
        await (_ended ?? Task.CompletedTask);
    }
}
