using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Caching.Completions;

namespace LlmOps.Tests.Caching;

/// <summary>Tool calls as servers stream them.</summary>
public sealed class MergedCallsTests
{
    private const string Weather = """{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}""";
    private const string Time = """{"id":"b","type":"function","function":{"name":"time","arguments":"{}"}}""";

    [Theory]
    [InlineData("OpenAI, DeepSeek",
        """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}]""", """[{"index":0,"function":{"arguments":"{\"city\":"}}]""",
        """[{"index":0,"function":{"arguments":"\"Rome\"}"}}]""", """[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":""}}]""", """[{"index":1,"function":{"arguments":"{}"}}]""")]
    [InlineData("vLLM, with the name alone at first",
        """[{"id":"a","type":"function","index":0,"function":{"name":"weather"}}]""", """[{"index":0,"function":{"arguments":"{\"city\":\"Rome\"}"}}]""",
        """[{"id":"b","type":"function","index":1,"function":{"name":"time","arguments":"{}"}}]""", """[]""")]
    [InlineData("SGLang, OpenRouter, LiteLLM: nulls, and the type again",
        """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}]""", """[{"index":0,"id":null,"type":"function","function":{"name":null,"arguments":"{\"city\":"}}]""",
        """[{"index":0,"id":null,"type":null,"function":{"name":null,"arguments":"\"Rome\"}"}}]""", """[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":"{}"}}]""")]
    [InlineData("DashScope, Kimi: empty texts",
        """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":""}}]""", """[{"index":0,"id":"","type":"function","function":{"name":"","arguments":"{\"city\":\"Rome\"}"}}]""",
        """[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":"{"}}]""", """[{"index":1,"id":"","function":{"arguments":"}"}}]""")]
    [InlineData("Those that say id and name again",
        """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\""}}]""", """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":":\"Rome\"}"}}]""",
        """[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":"{}"}}]""")]
    [InlineData("Groq, Mistral: whole calls, each or together",
        """[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"},"index":0},{"id":"b","type":"function","function":{"name":"time","arguments":"{}"},"index":1}]""")]
    [InlineData("Ollama before 0.4.7, Gemini: whole calls without an index",
        """[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]""", """[{"function":{"name":"time","arguments":"{}"},"id":"b","type":"function"}]""")]
    [InlineData("llama.cpp: one after the other, pieces that take turns",
        """[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":"{"}}]""", """[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]""",
        """[{"index":1,"function":{"arguments":"}"}},{"index":0,"function":{"arguments":"\"Rome\"}"}}]""")]
    [InlineData("An id that comes late",
        """[{"index":0,"type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]""", """[{"index":0,"id":"a","function":{"arguments":"\"Rome\"}"}}]""",
        """[{"index":1,"id":"b","type":"function","function":{"arguments":"{"}}]""", """[{"index":1,"function":{"name":"time","arguments":"}"}}]""")]
    public void Calls_ArePutTogether_AsServersSendThem(string servers, params string[] deltas) =>
        ShouldBe(Calls(deltas), $"[{Weather},{Time}]", servers);

    [Theory]
    [InlineData("Ollama: all of index 0, with ids of their own", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("all of index 0 without ids, another function", """[{"index":0,"function":{"name":"f","arguments":""}}]""", """[{"index":0,"function":{"name":"g","arguments":"{}"}}]""")]
    [InlineData("all of index 0 without ids, the same function", """[{"index":0,"function":{"name":"f","arguments":""}}]""", """[{"index":0,"function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("all of index 0 without ids, in one chunk", """[{"index":0,"function":{"name":"f","arguments":"{}"}},{"index":0,"function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("all of index 0 and one id", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("one id, two functions", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"id":"a","function":{"name":"g","arguments":""}}]""")]
    [InlineData("an id that comes with the second name", """[{"index":0,"function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]""")]
    [InlineData("a second call's arguments after the first's", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"function":{"arguments":"{}"}}]""")]
    [InlineData("pieces without an index", """[{"id":"a","function":{"name":"f","arguments":"{"}}]""", """[{"function":{"arguments":"}"}}]""")]
    [InlineData("no index, no id", """[{"function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("no index, an empty id", """[{"id":"","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("no index, no name", """[{"id":"a","function":{"arguments":"{}"}}]""")]
    [InlineData("no index, the same id again", """[{"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"id":"a","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("some have an index", """[{"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":1,"id":"b","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("some have none", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"id":"b","function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("an index for each piece", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]""", """[{"index":1,"function":{"arguments":"}"}}]""")]
    [InlineData("two types", """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]""", """[{"index":0,"type":"custom","function":{"arguments":"}"}}]""")]
    [InlineData("arguments as text and as an object", """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""", """[{"index":0,"function":{"arguments":{}}}]""", """[{"index":0,"function":{"arguments":{"a":1}}}]""")]
    public void Calls_ThatCannotBeToldApart_AreNotPutTogether(string what, params string[] deltas) =>
        Should.Throw<InvalidOperationException>(() => Calls(deltas), what);

    [Theory]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData(" ")]
    [InlineData("{'a':1}")]
    [InlineData("""{\"a\":\"\ud83d\"}""")]
    public void Arguments_ThatAreNoJson_AreNotKept(string arguments)
    {
        Should.Throw<InvalidOperationException>(() => Calls($$$"""[{"index":0,"id":"a","function":{"name":"f","arguments":"{{{arguments}}}"}}]"""));
        Should.Throw<InvalidOperationException>(() => Merge($$$"""{"function_call":{"name":"f","arguments":"{{{arguments}}}"}}"""));
    }

    [Theory]
    [InlineData("""{"name":"f","arguments":""}""")]
    [InlineData("""{"name":"f"}""")]
    [InlineData("""{"name":"f","arguments":null}""")]
    [InlineData("""{"name":"f","arguments":{"city":"Rome"}}""")]
    [InlineData("""{"name":"f","arguments":"{\"city\":\"\ud83d\ude00 \\u00e9 \\\"\"}"}""")]
    [InlineData("""{"name":"f","arguments":" {\n} "}""")]
    public void Arguments_StayAsTheyAre(string function)
    {
        ShouldBe(Calls($$"""[{"index":0,"id":"a","type":"function","function":{{function}}}]"""), $$"""[{"id":"a","type":"function","function":{{function}}}]""");
        ShouldBe(Merge($$"""{"function_call":{{function}}}"""), $$"""{"function_call":{{function}}}""");
    }

    [Fact]
    public void CustomTools_AndFieldsNobodyKnows_AreKept() =>
        ShouldBe(Calls(
                """[{"index":0,"id":"a","type":"custom","custom":{"name":"sql","input":"sel"},"extra_content":{"google":{"thought_signature":"s"}}}]""",
                """[{"index":0,"custom":{"input":"ect"}},{"index":1,"id":"b","type":"other","other":{"x":1}}]"""),
            """[{"id":"a","type":"custom","custom":{"name":"sql","input":"select"},"extra_content":{"google":{"thought_signature":"s"}}},{"id":"b","type":"other","other":{"x":1}}]""");

    [Fact]
    public void LegacyFunction_IsPutTogether() =>
        ShouldBe(Merge("""{"content":null,"function_call":{"name":"f","arguments":""}}""", """{"function_call":{"arguments":"{\"a\""}}""", """{"function_call":{"arguments":":1}"}}""", """{"function_call":null}"""),
            """{"content":null,"function_call":{"name":"f","arguments":"{\"a\":1}"}}""");

    private static JsonElement Calls(params string[] deltas) => Merge([.. deltas.Select(delta => $$"""{"tool_calls":{{delta}}}""")]).GetProperty("tool_calls");

    private static JsonElement Merge(params string[] deltas)
    {
        var merger = new CompletionMerger();
        foreach (var delta in deltas)
        {
            merger.Add(Encoding.UTF8.GetBytes($$"""{"choices":[{"index":0,"delta":{{delta}}}]}"""));
        }

        return JsonElement.Parse(merger.ToJson()).GetProperty("choices")[0].GetProperty("message");
    }

    private static void ShouldBe(JsonElement actual, string expected, string what = "") =>
        JsonElement.DeepEquals(actual, JsonElement.Parse(expected)).ShouldBeTrue($"{what}: {actual.GetRawText()}\nis not\n{expected}");
}
