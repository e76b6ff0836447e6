using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

public class SchemaAnswerTests
{
    private const string Review = "Extract the data: Anna Schmidt from Berlin wrote on 2024-03-05: \"I love this phone, it is great!\" She paid 499 euros and gave 5 stars. Mail: anna@example.org";

    private static readonly string[] Texts = [Review, "", "Hello", "What is 6*7?", "Summarize in one sentence: Cats sleep. Cats hunt mice in the dark.", "Terrible, awful, broken.", "1 2 3 -4.5", "今天天气很好。"];

    public static TheoryData<string> Schemas =>
    [
        "{}",
        "true",
        """{"type":"string"}""",
        """{"type":"object"}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"},"d":{"type":"null"}},"required":["a","b","c","d"],"additionalProperties":false}""",
        """{"type":"object","properties":{"n":{"type":"integer","minimum":3,"maximum":10,"multipleOf":4}},"required":["n"]}""",
        """{"type":"object","properties":{"n":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}},"required":["n"]}""",
        """{"type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":-3,"exclusiveMaximum":-1}},"required":["n"]}""",
        """{"type":"object","properties":{"s":{"type":"string","minLength":300}},"required":["s"]}""",
        """{"type":"object","properties":{"s":{"type":"string","maxLength":5}},"required":["s"]}""",
        """{"type":"object","properties":{"s":{"type":"string","maxLength":0}},"required":["s"]}""",
        """{"type":"object","properties":{"l":{"type":"array","items":{"type":"string"},"minItems":5,"maxItems":7,"uniqueItems":true}},"required":["l"]}""",
        """{"type":"array","items":{"type":"integer","minimum":1},"minItems":4,"uniqueItems":true}""",
        """{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]},"minItems":2}""",
        """{"type":"array","items":{"enum":["a","b","c"]},"minItems":3,"uniqueItems":true}""",
        """{"type":["string","null"]}""",
        """{"type":["null","integer"],"minimum":5}""",
        """{"enum":[1,2,3]}""",
        """{"const":{"a":[1,null]}}""",
        """{"anyOf":[{"type":"null"},{"type":"integer","minimum":5,"maximum":4},{"type":"boolean"}]}""",
        """{"oneOf":[{"type":"integer"},{"type":"number"},{"type":"string"}]}""",
        """{"anyOf":[false,{"type":"object","properties":{"kind":{"const":"b"},"v":{"type":"integer"}},"required":["kind","v"]}]}""",
        """{"allOf":[{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]},{"properties":{"a":{"minimum":7},"b":{"type":"string"}},"required":["b"]}]}""",
        """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"value":{"type":"string"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["value","next"],"additionalProperties":false}}}""",
        """{"type":"object","properties":{"tree":{"$ref":"#/definitions/tree"}},"required":["tree"],"definitions":{"tree":{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#/definitions/tree"}}},"required":["children"]}}}""",
        """{"type":"object","required":["free","other"],"additionalProperties":{"type":"integer"}}""",
        """{"type":"object","properties":{"date":{"type":"string","format":"date"},"id":{"type":"string","format":"uuid"},"site":{"type":"string","format":"uri"}},"required":["date","id","site"]}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Schema_ValidForEveryText(string schema)
    {
        foreach (string text in Texts)
        {
            string answer = Ask.Text(text, options: Ask.Schema(schema));

            SchemaValidation.IsValid(Ask.Json(schema), Ask.Json(answer)).ShouldBeTrue(answer);
        }
    }

    [Fact]
    public void Values_TakenFromText()
    {
        var answer = Answer(Review,
            """
            {"type":"object","properties":{"name":{"type":"string"},"city":{"type":"string"},"date":{"type":"string","format":"date"},"email":{"type":"string","format":"email"},
            "price":{"type":"number","minimum":100},"rating":{"type":"integer","minimum":1,"maximum":5},"sentiment":{"enum":["negative","positive","neutral"]}},
            "required":["name","city","date","email","price","rating","sentiment"],"additionalProperties":false}
            """);

        answer.GetProperty("name").GetString().ShouldBe("Anna Schmidt");
        answer.GetProperty("city").GetString().ShouldBe("Berlin");
        answer.GetProperty("date").GetString().ShouldBe("2024-03-05");
        answer.GetProperty("email").GetString().ShouldBe("anna@example.org");
        answer.GetProperty("price").GetDecimal().ShouldBe(499);
        answer.GetProperty("rating").GetInt32().ShouldBe(5);
        answer.GetProperty("sentiment").GetString().ShouldBe("positive");
    }

    [Fact]
    public void Invoice_TotalIsTheMoney_NameIsNoSentence()
    {
        const string Schema = """{"type":"object","properties":{"name":{"type":"string"},"total":{"type":"number"},"items":{"type":"integer"}},"required":["name","total","items"]}""";

        var invoice = Answer("Invoice 17 for Anna Schmidt: 3 chairs, to pay: €249.50", Schema);

        invoice.GetProperty("name").GetString().ShouldBe("Anna Schmidt");
        invoice.GetProperty("total").GetDecimal().ShouldBe(249.50m);
        Answer("the chairs are nice and cost 20 dollars.", Schema).GetProperty("name").GetString().ShouldBe("none");
    }

    [Fact]
    public void Arithmetic_FillsNumberAndAnswer()
    {
        var answer = Answer("What is 6*7?", """{"type":"object","properties":{"answer":{"type":"string"},"result":{"type":"integer"}},"required":["answer","result"]}""");

        answer.GetProperty("answer").GetString().ShouldBe("6 * 7 = 42");
        answer.GetProperty("result").GetInt32().ShouldBe(42);
    }

    [Fact]
    public void Summary_FilledFromAnswer()
    {
        var answer = Answer("Summarize in one sentence: Cats sleep all day. Cats hunt mice in the dark.", """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""");

        answer.GetProperty("text").GetString().ShouldBe("Cats sleep all day.");
    }

    [Theory]
    [InlineData("^[A-Z]{3}-\\d{4}$")]
    [InlineData("^\\d{5}$")]
    [InlineData("^#[0-9a-f]+$")]
    public void SimplePattern_Matched(string pattern)
    {
        string schema = JsonSerializer.Serialize(new { type = "string", pattern });

        string made = Answer("nothing that fits", schema).GetString()!;
        string found = Answer("the codes are ABC-1234, 90210 and #ffaa00.", schema).GetString()!;

        made.ShouldMatch(pattern);
        found.ShouldBeOneOf("ABC-1234", "90210", "#ffaa00");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task JsonObject_HasAnswerOnly(bool streaming)
    {
        var response = await Ask.Response(streaming, Ask.Messages("What is 2+2?"), new ChatOptions { ResponseFormat = ChatResponseFormat.Json });

        response.Text.ShouldBe("""{"answer":"2 + 2 = 4"}""");
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""")]
    [InlineData("""{"type":"object","properties":{"me":{"$ref":"#"}},"required":["me"]}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("false")]
    [InlineData("""{"type":7,"required":"x","properties":[],"enum":{},"minLength":"a","pattern":3}""")]
    [InlineData("""{"type":"string","minLength":1000000000}""")]
    [InlineData("""{"type":"object","properties":{"\ud800":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","type":"string"}""")]
    [InlineData("""{"type":"string","pattern":"(a+)+$"}""")]
    [InlineData("""{"type":"string","pattern":"[\\"}""")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"allOf":[{"$ref":"#"},{"$ref":"#"}]},{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}]}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"minItems":300,"items":{"type":"array","uniqueItems":true,"minItems":200,"items":{"type":"integer"}}}""")]
    public void UnworkableSchema_StillJson(string schema)
    {
        Should.NotThrow(() => Ask.Json(Ask.Text(new string('a', 5_000), options: Ask.Schema(schema))));
    }

    [Fact]
    public void CutByTokens_EndsWithLength()
    {
        var options = Ask.Schema("""{"type":"string"}""");
        options.MaxOutputTokens = 2;

        var answer = LlmOps.Gateway.Providers.Offline.OfflineAnswer.To(Ask.Messages(Review), options);

        answer.FinishReason.ShouldBe(ChatFinishReason.Length);
    }

    private static JsonElement Answer(string text, string schema) => Ask.Json(Ask.Text(text, options: Ask.Schema(schema)));
}
