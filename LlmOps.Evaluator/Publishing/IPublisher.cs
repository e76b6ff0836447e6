using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Publishing;

/// <summary>A place that evaluations are told to. Told again, an evaluation is there once.</summary>
internal interface IPublisher : IDisposable
{
    /// <summary>What it is called on the command line: gateway, mlflow, langfuse.</summary>
    string Name { get; }

    /// <summary>Tells an evaluation.</summary>
    /// <param name="result">The evaluation.</param>
    /// <param name="reportFolder">Where its reports are.</param>
    /// <param name="cancellationToken">Gives it up; a part of it may be there then.</param>
    /// <exception cref="PublishException">It, or a part of it, is not there.</exception>
    Task PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken);
}

/// <summary>An evaluation, or a part of it, was not taken.</summary>
internal sealed class PublishException(string message) : Exception(message);
