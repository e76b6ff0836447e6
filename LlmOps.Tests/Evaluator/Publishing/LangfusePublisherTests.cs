using LlmOps.Evaluator.Publishing;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Telemetry.Langfuse;

namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>Evaluations in a Langfuse that enforces its contract, as far as all versions are told alike; over real sockets.</summary>
public sealed class LangfusePublisherTests : IAsyncLifetime
{
    private const string V2 = "2.95.12";
    private const string V3 = "3.10.0";
    private const string V3WithOtlp = "3.22.0";
    private const string V4 = "4.16.0";

    private readonly ManualTime _time = new();
    private TestedLangfuse _langfuse = null!;
    private LangfusePublisher? _publisher;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _publisher?.Dispose();
        await _langfuse.DisposeAsync();
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    [InlineData(V4)]
    public async Task Cases_AreItemsOfADataset(string version)
    {
        await PublishAsync(version);

        var datasets = _langfuse.Fake.Datasets;
        datasets.Names.ShouldBe(["summarizer-dataset"]);
        datasets.Items.Count.ShouldBe(3);
        var item = datasets.Items.Single(item => item.At("metadata").TextAt("case") == "a");
        item.At("input").TextAt("text").ShouldBe("Größe \"A\"");
        item.TextAt("expectedOutput").ShouldBe("Size A");
        item.At("metadata").GetProperty("references").GetArrayLength().ShouldBe(2);
        datasets.Items.Single(item => item.At("metadata").TextAt("case") == "b").At("expectedOutput").GetProperty("size").GetInt32().ShouldBe(1);
        datasets.Items.Single(item => item.At("metadata").TextAt("case") == "c").Has("expectedOutput").ShouldBeFalse();
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task Answers_AreTracesOfTheIngestionApi(string version)
    {
        await PublishAsync(version);

        var traces = _langfuse.Fake.Made("trace-create");
        traces.Count.ShouldBe(7);
        var trace = traces.Single(trace => trace.TextAt("output") == "v2/gpt-4o says 2");
        (trace.TextAt("name"), trace.At("input").TextAt("text"), trace.At("metadata").TextAt("variant")).ShouldBe(("evaluation summarizer", "Größe \"A\"", "v2/gpt-4o"));
        trace.ListAt("tags").Select(tag => tag.GetString()).ShouldBe(["evaluation", "prompt:summarizer", "variant:v2/gpt-4o", "case:hard"]);
        trace.TextAt("environment").ShouldBe(version == V2 ? null : "evaluation");
        var generation = _langfuse.Fake.Made("generation-create").Single(made => made.TextAt("traceId") == trace.TextAt("id"));
        (generation.TextAt("model"), generation.TextAt("promptName"), generation.NumberAt("promptVersion")).ShouldBe(("gpt-4o-2024-08-06", "summarizer", 2));
        (generation.At("usage").NumberAt("input"), generation.At("usage").NumberAt("output"), generation.At("usage").NumberAt("totalCost")).ShouldBe((20, 10, 0.0002));
        _langfuse.Fake.Made("generation-create").Single(made => made.TextAt("level") == "ERROR").TextAt("statusMessage").ShouldBe("TARGET_UNAVAILABLE: nobody answers");
        var calling = _langfuse.Fake.Made("generation-create").Single(made => made.At("output").Has("tool_calls"));
        (calling.At("output").TextAt("content"), calling.At("output").ListAt("tool_calls")[0].TextAt("name"), calling.Has("usage")).ShouldBe(("C", "look_up", false));
        calling.At("modelParameters").GetRawText().ShouldBe("""{"temperature":0.2,"stop":"[\"END\"]"}""");
    }

    [Theory]
    [InlineData(V3WithOtlp)]
    [InlineData(V4)]
    public async Task Answers_AreTracesOfOneSpan(string version)
    {
        await PublishAsync(version);

        var spans = _langfuse.Fake.Spans;
        spans.Count.ShouldBe(7);
        spans.Select(span => span.TraceId).ShouldBeUnique();
        spans.ShouldAllBe(span => span.ParentId == null && (string)span.Attributes["langfuse.environment"] == "evaluation" && (string)span.Attributes["langfuse.observation.type"] == "generation");
        var span = spans.Single(span => span.Attributes.GetValueOrDefault("langfuse.observation.output") is "\"v2/gpt-4o says 2\"");
        var said = span.Attributes;
        (span.Name, span.Resource["service.name"], span.End - span.Start).ShouldBe(("evaluation summarizer", "llmops-evaluator", 250_000_000ul));
        said["langfuse.observation.input"].ShouldBe("""{"text":"Größe \"A\""}""");
        (said["langfuse.observation.prompt.name"], said["langfuse.observation.prompt.version"], said["langfuse.observation.model.name"]).ShouldBe(("summarizer", 2L, "gpt-4o-2024-08-06"));
        (said["langfuse.observation.usage_details"], said["langfuse.observation.cost_details"]).ShouldBe(("""{"input":20,"output":10,"total":30}""", """{"total":0.0002}"""));
        (said["langfuse.trace.metadata.evaluation"], said["langfuse.trace.metadata.case"], said["langfuse.trace.metadata.repeat"]).ShouldBe((SomeEvaluation.Id, "a", 2L));
        var failed = spans.Single(span => span.Status == 2).Attributes;
        (failed["langfuse.observation.level"], failed["langfuse.observation.status_message"], failed.ContainsKey("langfuse.observation.output")).ShouldBe(("ERROR", "TARGET_UNAVAILABLE: nobody answers", false));
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    [InlineData(V3WithOtlp)]
    public async Task EachVariantAndRepeat_IsARunOfTheDataset(string version)
    {
        await PublishAsync(version);

        var added = _langfuse.Fake.Datasets.RunItems;
        added.GroupBy(item => item.TextAt("runName")!).ToDictionary(run => run.Key, run => run.Count()).ShouldBe(
            new Dictionary<string, int>
            {
                [$"v1 {SomeEvaluation.Id}"] = 3, [$"v1 {SomeEvaluation.Id} repeat 2"] = 1, [$"v2 gpt-4o {SomeEvaluation.Id}"] = 2, [$"v2 gpt-4o {SomeEvaluation.Id} repeat 2"] = 1,
            },
            ignoreOrder: true);
        added.Select(item => item.TextAt("traceId")).ShouldBe(Traces(), ignoreOrder: true);
        added.First(item => item.TextAt("runName")!.StartsWith("v2", StringComparison.Ordinal)).TextAt("runDescription").ShouldBe("summarizer v2/gpt-4o, compared with v1; the evaluation: passed");
        _langfuse.Fake.Spans.SelectMany(span => span.Attributes.Keys).ShouldAllBe(name => !name.StartsWith("langfuse.experiment", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EachVariantAndRepeat_IsAnExperimentOfVersion4()
    {
        await PublishAsync(V4);

        var experiments = _langfuse.Fake.Spans.GroupBy(span => (string)span.Attributes["langfuse.experiment.id"]).ToList();
        experiments.ToDictionary(spans => (string)spans.First().Attributes["langfuse.experiment.name"], spans => spans.Count()).ShouldBe(
            new Dictionary<string, int>
            {
                [$"v1 {SomeEvaluation.Id}"] = 3, [$"v1 {SomeEvaluation.Id} repeat 2"] = 1, [$"v2 gpt-4o {SomeEvaluation.Id}"] = 2, [$"v2 gpt-4o {SomeEvaluation.Id} repeat 2"] = 1,
            },
            ignoreOrder: true);

        // Langfuse wants one trace for each item of an experiment.
        experiments.ShouldAllBe(spans => spans.Select(span => (string)span.Attributes["langfuse.experiment.item.id"]).Distinct().Count() == spans.Count());
        foreach (var span in _langfuse.Fake.Spans)
        {
            var said = span.Attributes;
            said["langfuse.experiment.dataset.id"].ShouldBe(FakeLangfuseDatasets.IdOf("summarizer-dataset"));
            said["langfuse.experiment.item.root_observation_id"].ShouldBe(span.SpanId);
            var item = _langfuse.Fake.Datasets.Items.Single(item => item.TextAt("id") == (string)said["langfuse.experiment.item.id"]);
            said["langfuse.experiment.item.metadata.case"].ShouldBe(item.At("metadata").TextAt("case"));
            (said.GetValueOrDefault("langfuse.experiment.item.expected_output") as string).ShouldBe(item.Has("expectedOutput") ? item.At("expectedOutput").GetRawText() : null);
        }

        _langfuse.Fake.Datasets.RunItems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3WithOtlp)]
    [InlineData(V4)]
    public async Task Scores_AreOfTheirTraces_AndMissingOnesAreNotTold(string version)
    {
        await PublishAsync(version);

        var scores = _langfuse.Fake.Made("score-create");
        scores.GroupBy(score => score.TextAt("name")!).ToDictionary(name => name.Key, name => name.Count()).ShouldBe(new Dictionary<string, int> { ["rouge_l"] = 5, ["polite?"] = 5 }, ignoreOrder: true);
        scores.Select(score => score.TextAt("traceId")).Distinct().ShouldBeSubsetOf(Traces());
        var polite = scores.First(score => score.TextAt("name") == "polite?");
        (polite.TextAt("dataType"), polite.TextAt("comment")).ShouldBe(("BOOLEAN", "it says please"));
        scores.First(score => score.TextAt("name") == "rouge_l").TextAt("dataType").ShouldBe("NUMERIC");
        scores.ShouldAllBe(score => score.TextAt("observationId") == (version == V2 ? null : score.TextAt("traceId")!.Substring(16)));
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    [InlineData(V3WithOtlp)]
    [InlineData(V4)]
    public async Task Again_MakesNothingTwice(string version)
    {
        await PublishAsync(version);
        var (bodies, items, added) = (_langfuse.Fake.Bodies.Count, _langfuse.Fake.Datasets.Items.Count, _langfuse.Fake.Datasets.RunItems.Count);
        var spans = _langfuse.Fake.Spans.Select(span => span.SpanId).ToHashSet();

        await _publisher!.PublishAsync(SomeEvaluation.Of(), "reports", default);

        (_langfuse.Fake.Bodies.Count, _langfuse.Fake.Datasets.Items.Count, _langfuse.Fake.Datasets.RunItems.Count).ShouldBe((bodies, items, added));
        _langfuse.Fake.Spans.Select(span => span.SpanId).ToHashSet().ShouldBe(spans);
        if (version == V4)
        {
            // Spans of one id would be shown twice there.
            _langfuse.Fake.Spans.Count.ShouldBe(spans.Count);
        }
    }

    [Fact]
    public async Task ExperimentOfManyItems_IsLookedThroughPageByPage()
    {
        var evaluation = Many(250, 10);
        await PublishAsync(V4, evaluation);

        await _publisher!.PublishAsync(evaluation, "reports", default);

        _langfuse.Fake.Spans.Count.ShouldBe(250);
    }

    [Fact]
    public async Task SameCaseOfAnotherEvaluation_IsTheSameItem_AndAnotherTrace()
    {
        await PublishAsync(V4);

        await _publisher!.PublishAsync(SomeEvaluation.Of() with { Id = "0199f3a2-7c51-7d10-9b7e-2f0c1d5e6a71" }, "reports", default);

        _langfuse.Fake.Datasets.Items.Count.ShouldBe(3);
        _langfuse.Fake.Spans.Select(span => span.TraceId).Distinct().Count().ShouldBe(14);
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V4)]
    public async Task RefusedScore_IsTold_AndTheRestIsThere(string version)
    {
        Open(version).Fails = sent => sent.TextAt("type") == "score-create" && sent.At("body").TextAt("name") == "polite?" ? 400 : null;

        var fault = await Should.ThrowAsync<PublishException>(_publisher!.PublishAsync(SomeEvaluation.Of(), "reports", default));

        fault.Message.ShouldBe("Langfuse refuses 5 answers, or scores of them: 400: Invalid request data Failed by the test");
        _langfuse.Fake.Made("score-create").Count.ShouldBe(5);
        (version == V2 ? _langfuse.Fake.Datasets.RunItems.Count : _langfuse.Fake.Spans.Count).ShouldBe(7);
    }

    [Fact]
    public async Task EventThatFails_IsSentAgain()
    {
        var failing = 3;
        Open(V2).Fails = sent => sent.TextAt("type") == "trace-create" && failing-- > 0 ? 500 : null;

        await _time.UntilAsync(_publisher!.PublishAsync(SomeEvaluation.Of(), "reports", default));

        _langfuse.Fake.Made("trace-create").Count.ShouldBe(7);
    }

    [Fact]
    public async Task LangfuseThatIsBusy_IsAskedAgain()
    {
        var fake = Open(V4);
        var asked = 0;
        _langfuse.Server.Handler = request => Interlocked.Increment(ref asked) % 4 == 1 ? FakeReply.Json(429, """{"message":"Rate limit exceeded"}""", ("Retry-After", "2")) : fake.Answer(request);

        await _time.UntilAsync(_publisher!.PublishAsync(SomeEvaluation.Of(), "reports", default));

        (fake.Spans.Count, fake.Datasets.Items.Count, fake.Made("score-create").Count).ShouldBe((7, 3, 10));
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V4)]
    public async Task ManyLongAnswers_GoInSeveralRequestsWithinTheLimit(string version)
    {
        await PublishAsync(version, Many(30, 200_000));

        (version == V2 ? _langfuse.Fake.Made("generation-create").Count : _langfuse.Fake.Spans.Count).ShouldBe(30);
        var path = version == V2 ? "/api/public/ingestion" : "/api/public/otel/v1/traces";
        var sizes = _langfuse.Server.Requests.Where(request => request.Path == path).Select(request => FakeLangfuse.Unpacked(request).Length).ToList();
        sizes.Count.ShouldBeGreaterThan(1);
        sizes.ShouldAllBe(size => size <= IngestionLimits.MostBytes);
    }

    [Fact]
    public async Task AnswerThatIsTooLongForTheIngestionApi_IsToldWithoutItsText()
    {
        await PublishAsync(V3, Many(1, 4_000_000));

        var trace = _langfuse.Fake.Made("trace-create").ShouldHaveSingleItem();
        (trace.Has("output"), trace.At("metadata").TextAt("content_omitted")).ShouldBe((false, "too large"));
    }

    [Fact]
    public async Task UnknownKey_IsToldAtOnce()
    {
        _langfuse = new TestedLangfuse(V4);
        var options = _langfuse.Options().Langfuse;
        options.PublicKey = "pk-lf-other";
        _publisher = new LangfusePublisher(LangfuseApi.Of(options, TimeSpan.FromSeconds(30))!, _time);

        var fault = await Should.ThrowAsync<PublishException>(_publisher.PublishAsync(SomeEvaluation.Of(), "reports", default));

        fault.Message.ShouldStartWith("Langfuse answers 401: ");
    }

    private static EvaluationResult Many(int cases, int characters)
    {
        var evaluation = SomeEvaluation.Of();
        var answer = evaluation.Cases[0].Answers[0];
        return evaluation with
        {
            Cases = [.. Enumerable.Range(0, cases).Select(number => evaluation.Cases[0] with { Id = $"case {number}", Answers = [answer with { Answer = answer.Answer! with { Text = new string('x', characters) } }] })],
        };
    }

    private IEnumerable<string> Traces() => _langfuse.Fake.Spans.Count > 0 ? _langfuse.Fake.Spans.Select(span => span.TraceId) : _langfuse.Fake.Made("trace-create").Select(trace => trace.TextAt("id")!);

    private FakeLangfuse Open(string version)
    {
        _langfuse = new TestedLangfuse(version);
        _publisher = new LangfusePublisher(LangfuseApi.Of(_langfuse.Options().Langfuse, TimeSpan.FromSeconds(30))!, _time);
        return _langfuse.Fake;
    }

    private Task PublishAsync(string version, EvaluationResult? evaluation = null)
    {
        Open(version);
        return _publisher!.PublishAsync(evaluation ?? SomeEvaluation.Of(), "reports", default);
    }
}
