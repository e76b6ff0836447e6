using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Evaluations;
using LlmOps.Tests.Evaluator.Publishing;

namespace LlmOps.Tests.Prompts.Evaluations;

/// <summary>The form of an evaluation is that which the evaluator writes, and no other.</summary>
public sealed class EvaluationSchemaTests
{
    private static readonly DateTimeOffset Now = SomeEvaluation.StartedAt.AddHours(1);

    [Fact]
    public void EverythingThatAnEvaluationCanHave_IsTaken()
    {
        var row = Read(GatewayPublisher.Write(SomeEvaluation.Of()));

        (row.Id, row.Prompt, row.Baseline, row.Variants).ShouldBe((SomeEvaluation.Id, "summarizer", "v1", """["v2/gpt-4o"]"""));
        (row.Status, row.Cases, row.Actor).ShouldBe(("passed", 3, "ci"));
        (row.StartedAt, row.EndedAt).ShouldBe((SomeEvaluation.StartedAt.ToUnixTimeMilliseconds(), SomeEvaluation.StartedAt.AddMinutes(1).ToUnixTimeMilliseconds()));
        row.ReceivedAt.ShouldBe(Now.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void ExampleOfTheApiDocument_IsTaken() => Read(JsonNode.Parse(PromptExamples.Evaluation.Example)!.AsObject()).Variants.ShouldBe("""["v2"]""");

    // What is added to a result is to be added to the form.
    [Fact]
    public void Form_HasTheFieldsOfAResult()
    {
        using var stream = typeof(EvaluationRow).Assembly.GetManifestResourceStream("LlmOps.Gateway.Prompts.Evaluations.evaluation.schema.json")!;
        var schema = JsonDocument.Parse(stream).RootElement;
        List<(string Path, string[] Written, string[] Known)> differing = [];

        Compare(schema, schema, typeof(EvaluationResult), "", differing);

        // A number stands for the cases.
        differing.Count.ShouldBe(1, string.Join('\n', differing.Select(each => $"{each.Path}: {string.Join(' ', each.Written)} against {string.Join(' ', each.Known)}")));
        differing[0].Written.Except(differing[0].Known).ShouldBe(["cases"]);
        differing[0].Known.Except(differing[0].Written).ShouldBe(["case_count"]);
    }

    [Theory]
    [InlineData("id", "\"17\"", "id", "uuid")]
    [InlineData("id", null, "", "lacks id, which is required")]
    [InlineData("prompt", "\"Not a name\"", "prompt", "")]
    [InlineData("started_at", "\"yesterday\"", "started_at", "date-time")]
    [InlineData("started_at", "\"1969-12-31T23:59:59Z\"", "started_at", "since 1970")]
    [InlineData("ended_at", "\"2026-11-20T09:29:59Z\"", "ended_at", "not before started_at")]
    [InlineData("ended_at", "\"2026-11-22T09:30:00Z\"", "ended_at", "not to come")]
    [InlineData("variants", "[]", "variants", "")]
    [InlineData("cases", "[]", "cases", "is an additional property")]
    [InlineData("case_count", "-1", "case_count", "at least 0")]
    [InlineData("run.seed", "1.5", "run.seed", "expected an integer")]
    [InlineData("run.confidence", "1", "run.confidence", "less than 1")]
    [InlineData("run.colour", "1", "run.colour", "is an additional property")]
    [InlineData("comparisons.0.p_value", "2", "comparisons[0].p_value", "at most 1")]
    [InlineData("comparisons.0.verdict", "\"Fine\"", "comparisons[0].verdict", "expected one of")]
    [InlineData("summaries.1.mean", "\"high\"", "summaries[1].mean", "expected")]
    [InlineData("variants.0.name", "\"a\\u0000b\"", "variants[0].name", "")]
    [InlineData("gate.status", "\"Fine\"", "gate.status", "expected one of")]
    [InlineData("gate", "[]", "gate", "expected an object")]
    public void WhatIsWrong_IsNamedWithWhatWasExpected(string path, string? value, string field, string expected)
    {
        var json = GatewayPublisher.Write(SomeEvaluation.Of());
        var steps = path.Split('.');
        var parent = steps[..^1].Aggregate((JsonNode)json, (node, step) => int.TryParse(step, out var index) ? node[index]! : node[step]!);
        if (value is null)
        {
            parent.AsObject().Remove(steps[^1]);
        }
        else
        {
            parent[steps[^1]] = JsonNode.Parse(value);
        }

        var fault = Should.Throw<GatewayException>(() => Read(json));

        fault.Error.ShouldBe(ErrorCode.InvalidValue);
        (fault.Field ?? "").ShouldBe(field);
        fault.Message.ShouldContain(expected);
    }

    private static EvaluationRow Read(JsonObject json) => EvaluationRow.Read(JsonBody.Parse(JsonSerializer.SerializeToUtf8Bytes(json)), "ci", Now);

    private static void Compare(JsonElement root, JsonElement schema, Type type, string path, List<(string Path, string[] Written, string[] Known)> differing)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]);
        }

        if (schema.TryGetProperty("items", out var items))
        {
            Compare(root, items, type.GetGenericArguments()[0], $"{path}[]", differing);
        }
        else if (schema.TryGetProperty("properties", out var properties))
        {
            var written = ResultJson.Default.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type)!.Properties;
            string[] known = [.. properties.EnumerateObject().Select(property => property.Name)];
            if (!known.ToHashSet().SetEquals(written.Select(property => property.Name)))
            {
                differing.Add((path, [.. written.Select(property => property.Name)], known));
            }

            foreach (var property in written.Where(property => known.Contains(property.Name) && properties.GetProperty(property.Name).ValueKind == JsonValueKind.Object))
            {
                Compare(root, properties.GetProperty(property.Name), property.PropertyType, $"{path}.{property.Name}", differing);
            }
        }
    }
}
