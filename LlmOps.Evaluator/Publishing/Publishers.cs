using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Gateway.Telemetry.MLflow;

namespace LlmOps.Evaluator.Publishing;

/// <summary>The places that an evaluation is told to, by their names.</summary>
internal sealed class Publishers(IReadOnlyList<IPublisher> all) : IDisposable
{
    /// <summary>The name of the gateway.</summary>
    public const string Gateway = "gateway";

    /// <summary>The name of MLflow.</summary>
    public const string MLflow = "mlflow";

    /// <summary>The name of Langfuse.</summary>
    public const string Langfuse = "langfuse";

    private const string Experiment = "llmops-evaluations";

    // Reports are larger than what is told of traffic, and nobody waits behind them.
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Those with these names, as the gateway's own configuration has them: settings files, .env, the environment.</summary>
    /// <param name="names">gateway, mlflow, langfuse; the same again counts once.</param>
    /// <param name="gateway">The gateway that runs elsewhere; null for none. Not disposed of here.</param>
    /// <param name="settings">Further settings, as the gateway takes them on its command line.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="BadInputException">There is none of a name, or it is not configured: names what to set.</exception>
    public static Publishers Of(IReadOnlyList<string> names, GatewayClient? gateway, IReadOnlyList<string> settings, TimeProvider time)
    {
        var configured = new Lazy<(TelemetryOptions Options, string Experiment, TimeSpan Timeout)>(() => Read(settings));
        List<string> faults = [];
        List<IPublisher> all = [];
        foreach (var name in names.Distinct())
        {
            switch (name)
            {
                case Gateway when gateway is not null:
                    all.Add(new GatewayPublisher(gateway, time));
                    break;
                case Gateway:
                    faults.Add("An evaluation can be published to a gateway that runs: name it with --gateway URL, and a key of the role admin with --key.");
                    break;
                case MLflow when configured.Value.Options.MLflow is { TrackingUri: { } address } options:
                    all.Add(new MLflowPublisher(MLflowServer.Of(options, address, configured.Value.Timeout), configured.Value.Experiment, time));
                    break;
                case MLflow:
                    faults.Add($"{EnvironmentNames.Describe("Gateway:Telemetry:MLflow:TrackingUri")} is missing; expected MLflow's address, such as http://localhost:5000.");
                    break;
                case Langfuse when LangfuseApi.Of(configured.Value.Options.Langfuse, configured.Value.Timeout) is { } api:
                    all.Add(new LangfusePublisher(api, time));
                    break;
                case Langfuse:
                    faults.AddRange(configured.Value.Options.Langfuse.Missing());
                    break;
                default:
                    faults.Add($"There is nothing called '{name}' to publish to; expected {Gateway}, {MLflow} or {Langfuse}.");
                    break;
            }
        }

        if (faults.Count == 0)
        {
            return new Publishers(all);
        }

        all.ForEach(publisher => publisher.Dispose());
        throw new BadInputException(faults);
    }

    /// <summary>Tells an evaluation to all of them, one after the other.</summary>
    /// <param name="result">The evaluation.</param>
    /// <param name="reportFolder">Where its reports are.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>What could not be told, a sentence each; none where all of it was.</returns>
    public async Task<IReadOnlyList<string>> PublishAsync(EvaluationResult result, string reportFolder, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach (var publisher in all)
        {
            try
            {
                await publisher.PublishAsync(result, reportFolder, cancellationToken);
            }
            catch (PublishException exception)
            {
                faults.Add($"{publisher.Name}: {exception.Message}");
            }
        }

        return faults;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var publisher in all)
        {
            publisher.Dispose();
        }
    }

    private static (TelemetryOptions Options, string Experiment, TimeSpan Timeout) Read(IReadOnlyList<string> settings)
    {
        try
        {
            var configured = new CommandSettings(settings);
            var options = configured.Read<TelemetryOptions>(nameof(GatewayOptions.Telemetry));
            if (configured.Faults.Count > 0)
            {
                throw new BadInputException(configured.Faults);
            }

            // The default is for traffic.
            var isNamed = configured.Configuration["Gateway:Telemetry:MLflow:Experiment"] is { } named && !string.IsNullOrWhiteSpace(named);
            return (options, isNamed ? options.MLflow.Experiment : Experiment, options.Delivery.Timeout > LeastTimeout ? options.Delivery.Timeout : LeastTimeout);
        }
        catch (Exception exception) when (exception is ConfigurationException or InvalidDataException)
        {
            throw new BadInputException(exception.Message);
        }
    }
}
