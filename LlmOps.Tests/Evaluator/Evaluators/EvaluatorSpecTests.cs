using System.Text;
using LlmOps.Evaluator;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Tests.Evaluator.Evaluators;

public sealed class EvaluatorSpecTests
{
    [Theory]
    [InlineData("rouge_l", "rouge_l", "rouge_l", null)]
    [InlineData(" rouge_l ", "rouge_l", "rouge_l", null)]
    [InlineData("length:max_words=60", "length", "length", """{"max_words":60}""")]
    [InlineData("""regex:pattern=^\d+$,name=digits""", "regex", "digits", """{"pattern":"^\\d+$"}""")]
    [InlineData("rouge_1:name=r1", "rouge_1", "r1", null)]
    [InlineData("x:a=-0.5,b=1e3,c=007,d=.5,e=true,f=false,g=null", "x", "x", """{"a":-0.5,"b":1e3,"c":"007","d":".5","e":true,"f":false,"g":"null"}""")]
    [InlineData("""contains:text="a, ""b"" = c",ignore_case=true""", "contains", "contains", """{"text":"a, \"b\" = c","ignore_case":true}""")]
    [InlineData("""contains:text="42" """, "contains", "contains", """{"text":"42"}""")]
    [InlineData("contains:text=a=b: c", "contains", "contains", """{"text":"a=b: c"}""")]
    [InlineData("contains:text=", "contains", "contains", """{"text":""}""")]
    [InlineData("""contains:{"any": ["a", "b"], "name": "ab"}""", "contains", "ab", """{"any":["a","b"]}""")]
    public void CommandLine_IsRead(string text, string type, string name, string? settings)
    {
        var spec = EvaluatorSpec.Parse(text);

        (spec.Type, spec.Name, spec.Settings?.GetRawText()).ShouldBe((type, name, settings));
    }

    [Theory]
    [InlineData("", "'' is no evaluator's type")]
    [InlineData("Rouge L", "'Rouge L' is no evaluator's type")]
    [InlineData("length:", "'' is no setting")]
    [InlineData("length:60", "'60' is no setting")]
    [InlineData("""regex:pattern=\d{1,3}""", "'3}' is no setting (a value with commas goes between double quotes)")]
    [InlineData("regex:pattern=\"a", "'pattern=\"a' is no setting")]
    [InlineData("length:max_words=1,", "'' is no setting")]
    [InlineData("length:max_words=1,max_words=2", "'max_words' is given twice")]
    [InlineData("regex:name=two words", "the name of regex is not such as was expected: 1 to 64 letters, digits and the marks _ - . /")]
    [InlineData("regex:name=1", "the name of regex")]
    [InlineData("contains:{\"any\": [", "the settings are no JSON")]
    public void WhatIsNotWrittenSo_IsRefused(string text, string fault)
    {
        var refusal = Should.Throw<BadInputException>(() => EvaluatorSpec.Parse(text));

        refusal.Message.ShouldContain(fault);
        refusal.Message.ShouldContain("expected an evaluator such as rouge_l");
    }

    [Theory]
    [InlineData("""{"e":["rouge_l"]}""", "rouge_l", "rouge_l", null)]
    [InlineData("""{"e":["length:max_words=60,name=short"]}""", "length", "short", """{"max_words":60}""")]
    [InlineData("""{"e":[{"json_field":{"field":"label","name":"label"}}]}""", "json_field", "label", """{"field":"label"}""")]
    [InlineData("""{"e":[{"json_valid":null}]}""", "json_valid", "json_valid", null)]
    [InlineData("""{"e":[{"json_valid":{}}]}""", "json_valid", "json_valid", null)]
    public void FilesItem_IsRead(string json, string type, string name, string? settings)
    {
        var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json));

        var spec = EvaluatorSpec.Read(body, body.Root.GetProperty("e")[0]);

        (spec.Type, spec.Name, spec.Settings?.GetRawText()).ShouldBe((type, name, settings));
    }

    [Theory]
    [InlineData("""{"e":[7]}""", "e[0]", "an evaluator")]
    [InlineData("""{"e":[""]}""", "e[0]", "an evaluator")]
    [InlineData("""{"e":["a b"]}""", "e[0]", "'a b' is no evaluator's type")]
    [InlineData("""{"e":[{}]}""", "e[0]", "an object with one member")]
    [InlineData("""{"e":[{"exact":{},"bleu":{}}]}""", "e[0]", "an object with one member")]
    [InlineData("""{"e":[{"length":60}]}""", "e[0].length", "an object of settings")]
    [InlineData("""{"e":[{"length":{"name":""}}]}""", "e[0].length.name", "1 to 64 letters")]
    [InlineData("""{"e":[{"length":{"name":5}}]}""", "e[0].length.name", "1 to 64 letters")]
    [InlineData("""{"e":[{"Length!":{}}]}""", "e[0]", "'Length!' is no evaluator's type")]
    [InlineData("""{"e":[{"Length!":null}]}""", "e[0]", "'Length!' is no evaluator's type")]
    public void FilesItemThatIsNoEvaluator_IsRefusedAndNamed(string json, string field, string fault)
    {
        var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json));

        var refusal = Should.Throw<GatewayException>(() => EvaluatorSpec.Read(body, body.Root.GetProperty("e")[0]));

        refusal.Field.ShouldBe(field);
        refusal.Message.ShouldContain(fault);
    }
}
