using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>Puts stages around a client. Stands in for Microsoft.Extensions.AI's ChatClientBuilder: what is added first is outermost.</summary>
internal sealed class ChatPipelineBuilder(IServiceProvider services, IChatClient innermost)
{
    private readonly List<Type> _stages = [];

    /// <summary>Adds a stage, whose constructor takes the client within it and services.</summary>
    public ChatPipelineBuilder Use<TStage>()
        where TStage : DelegatingChatClient
    {
        _stages.Add(typeof(TStage));
        return this;
    }

    /// <summary>The whole pipeline.</summary>
    public IChatClient Build() => _stages.AsEnumerable().Reverse()
        .Aggregate(innermost, (inner, stage) => (IChatClient)ActivatorUtilities.CreateInstance(services, stage, inner));
}
