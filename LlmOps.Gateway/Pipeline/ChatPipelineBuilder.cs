using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>Puts stages around a client; the first one added is outermost. Stands in for ChatClientBuilder of Microsoft.Extensions.AI.</summary>
internal sealed class ChatPipelineBuilder(IServiceProvider services)
{
    private readonly List<Func<IChatClient, IChatClient>> _stages = [];

    /// <summary>Adds a stage inside those already added; its constructor takes the inner client and services.</summary>
    public ChatPipelineBuilder Use<TStage>()
        where TStage : DelegatingChatClient
    {
        _stages.Add(inner => ActivatorUtilities.CreateInstance<TStage>(services, inner));
        return this;
    }

    /// <summary>The finished chain around <typeparamref name="TInnermost"/>.</summary>
    public IChatClient Build<TInnermost>()
        where TInnermost : IChatClient
    {
        IChatClient client = ActivatorUtilities.CreateInstance<TInnermost>(services);
        for (var index = _stages.Count - 1; index >= 0; index--)
        {
            client = _stages[index](client);
        }

        return client;
    }
}
