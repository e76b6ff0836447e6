using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Reads the evaluators that eval.yaml or a case asks for.</summary>
internal static class EvaluatorList
{
    /// <summary>Reads a list of them, whose metrics have names of their own.</summary>
    /// <param name="body">What it is in.</param>
    /// <param name="list">The list.</param>
    /// <exception cref="GatewayException">It is none, or two have one name.</exception>
    public static IReadOnlyList<EvaluatorSpec> Read(JsonBody body, JsonElement list)
    {
        List<EvaluatorSpec> specs = [];
        foreach (var item in body.Array(list, "a list of evaluators").EnumerateArray())
        {
            var spec = EvaluatorSpec.Read(body, item);
            if (specs.Exists(other => other.Name == spec.Name))
            {
                var path = body.PathOf(item);
                throw new GatewayException(ErrorCode.InvalidValue, $"{path} is a second {spec.Name}; expected another name among its settings.", path);
            }

            specs.Add(spec);
        }

        return specs;
    }
}
