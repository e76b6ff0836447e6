using System.Text;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Tests.Endpoints;

/// <summary>The reader of usual requests: it reads them as the full parser does, and leaves it all others.</summary>
public sealed class PlainChatCompletionTests
{
    private const string Usual = """
        {"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be brief."},{"content":"Say \"hi\"\n","role":"user"},{"role":"assistant","content":"é"}],
         "temperature":0.7,"top_p":1,"max_tokens":20,"max_completion_tokens":30,"stream":true,"stream_options":{"include_usage":true},"user":"u1"}
        """;

    [Theory]
    [InlineData(Usual)]
    [InlineData("""{"messages":[{"role":"user","content":""}],"model":"m"}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":false}""")]
    [InlineData(""" { "model" : "m" , "messages" : [ { "role" : "user" , "content" : "x" } ] , "temperature" : 0 , "max_tokens" : 1 , "top_p" : 0.50 } """)]
    public void UsualRequest_IsReadAsTheFullParserReadsIt(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);

        var plain = PlainChatCompletion.Read(bytes).ShouldNotBeNull();

        Told(plain).ShouldBe(Told(ChatCompletionRequest.Parse(JsonBody.Parse(bytes))));
        plain.Options.Original.ShouldNotBeNull().Body.Bytes.ToArray().ShouldBe(bytes);
    }

    [Theory]
    [InlineData(20, 30)]
    [InlineData(30, 20)]
    public void BothNamesOfTheMostTokens_TheLargerIsReserved(int maxTokens, int maxCompletionTokens)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":{{maxTokens}},"max_completion_tokens":{{maxCompletionTokens}}}""");

        PlainChatCompletion.Read(bytes)!.Options.MaxOutputTokens.ShouldBe(30);
        ChatCompletionRequest.Parse(JsonBody.Parse(bytes)).Options.MaxOutputTokens.ShouldBe(30);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[]}""")]
    [InlineData("""{"model":" ","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"model":"n"}""")]
    [InlineData("""{"model":"m","Model":"n","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"m\u006fdel":"m","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x","content":"y"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x","name":"n"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud83d"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":null}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"tool","content":"x"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":2.1}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":null}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":0}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":false}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream_options":{}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"top_k":3}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]}{}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"},]}""")]
    [InlineData("""{"model":"m" "messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\x"}]}""")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\nb\"}]}")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":01}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":1.}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":.5}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":-}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":1.0}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":99999999999}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}],"stream":truex}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void AnyOtherRequest_IsLeftToTheFullParser(string body) =>
        PlainChatCompletion.Read(Encoding.UTF8.GetBytes(body)).ShouldBeNull();

    [Fact]
    public void InvalidUtf8_IsLeftToTheFullParser()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"model":"m","messages":[{"role":"user","content":"?"}]}""");
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;

        PlainChatCompletion.Read(bytes).ShouldBeNull();
    }

    [Fact]
    public void MutatedRequests_AreReadAsTheFullParserReadsThemOrLeftToIt()
    {
        var random = new Random(4);
        var usual = Encoding.UTF8.GetBytes(Usual);
        string[] pieces = ["\"", "{", "}", "[", "]", ",", ":", "null", "true", "0", "-1", "1e2", "\\u0041", "\\ud800", "\"model\":", "\"messages\":", "\"role\":", "\"content\":\"a\",", "\"stream\":true,", "tool", " "];
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = usual.ToList();
            for (var edits = random.Next(3); edits >= 0; edits--)
            {
                var at = random.Next(bytes.Count);
                if (random.Next(2) == 0)
                {
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at));
                }

                bytes.InsertRange(at, random.Next(2) == 0 ? [] : Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
            }

            var mutated = bytes.ToArray();
            if (PlainChatCompletion.Read(mutated) is { } plain)
            {
                read++;
                Told(plain).ShouldBe(Full(mutated), Encoding.UTF8.GetString(mutated));
            }
        }

        read.ShouldBeGreaterThan(1000);
    }

    private static string Full(byte[] body)
    {
        try
        {
            return Told(ChatCompletionRequest.Parse(JsonBody.Parse(body)));
        }
        catch (GatewayException refused)
        {
            return refused.Message;
        }
    }

    private static string Told(ChatCompletionRequest request) => string.Join(" | ",
    [
        request.Model, $"{request.Stream} {request.IncludeUsage}", $"{request.Options.Temperature} {request.Options.TopP} {request.Options.MaxOutputTokens} {request.Options.Original!.Model}",
        .. request.Messages.Select(message => $"{message.Role}: {message.Contents.Count} {message.Text}"),
    ]);
}
