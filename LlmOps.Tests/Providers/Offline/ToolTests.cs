using System.Text.Json;
using LlmOps.Gateway.Providers.Offline;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Providers.Offline;

public class ToolTests
{
    private static readonly AIFunctionDeclaration[] Tools =
    [
        Ask.Weather(),
        Ask.Tool("search_web", "Search the web for a query", """{"type":"object","properties":{"query":{"type":"string"},"limit":{"type":"integer"}},"required":["query"]}"""),
        Ask.Tool("calculator", "Evaluates an arithmetic expression", """{"type":"object","properties":{"expression":{"type":"string"}},"required":["expression"]}"""),
        Ask.Tool("add", "Adds two numbers", """{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"]}"""),
        Ask.Tool("bookFlight", "Books a flight between two cities", """{"type":"object","properties":{"origin":{"type":"string"},"destination":{"type":"string"},"date":{"type":"string","format":"date"}},"required":["origin","destination"]}"""),
        Ask.Tool("send_email", "Sends an email", """{"type":"object","properties":{"to":{"type":"string"},"subject":{"type":"string"},"body":{"type":"string"}},"required":["to","subject","body"]}"""),
        Ask.Tool("get_time", "Gets the current time in a time zone or city", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
        Ask.Tool("list_orders", "Lists the orders of a customer", """{"type":"object","properties":{"ids":{"type":"array","items":{"type":"integer"}},"open":{"type":"boolean"}},"required":["ids"]}"""),
    ];

    [Theory]
    [InlineData("What's the weather in Paris?", """get_weather{"location":"Paris"}""")]
    [InlineData("What is the weather like in Paris and London today?", """get_weather{"location":"Paris"} get_weather{"location":"London"}""")]
    [InlineData("weather in Tokyo, Berlin and New York please", """get_weather{"location":"Tokyo"} get_weather{"location":"Berlin"} get_weather{"location":"New York"}""")]
    [InlineData("weather in san francisco", """get_weather{"location":"san francisco"}""")]
    [InlineData("What's the weather in San Francisco, CA in celsius?", """get_weather{"location":"San Francisco, CA","unit":"celsius"}""")]
    [InlineData("What's the temperature in Oslo?", """get_weather{"location":"Oslo"}""")]
    [InlineData("Search the web for \"dotnet 10 release notes\"", """search_web{"query":"dotnet 10 release notes"}""")]
    [InlineData("search the web for cheap laptops", """search_web{"query":"cheap laptops"}""")]
    [InlineData("Use the calculator to compute 12*7", """calculator{"expression":"12 * 7"}""")]
    [InlineData("Add 3 and 4.5", """add{"a":3,"b":4.5}""")]
    [InlineData("Book a flight from Paris to Berlin on 2025-03-04", """bookFlight{"origin":"Paris","destination":"Berlin","date":"2025-03-04"}""")]
    [InlineData("Book a flight to Berlin from Paris", """bookFlight{"origin":"Paris","destination":"Berlin"}""")]
    [InlineData("What time is it in Tokyo?", """get_time{"city":"Tokyo"}""")]
    [InlineData("List the open orders 12 and 15", """list_orders{"ids":[12,15],"open":true}""")]
    [InlineData("Thanks for the weather report of Rome yesterday!", "")]
    [InlineData("Write a poem about the weather", "")]
    [InlineData("Please write a poem about the weather in Rome", "")]
    [InlineData("Don't call any tool. What is the weather in Rome?", "")]
    [InlineData("weather paris in fahrenheit", """get_weather{"location":"paris","unit":"fahrenheit"}""")]
    [InlineData("Weather in Fahrenheit for Rome", """get_weather{"location":"Rome","unit":"fahrenheit"}""")]
    [InlineData("Tell me a joke", "")]
    [InlineData("I love the weather today", "")]
    [InlineData("Who are you?", "")]
    [InlineData("What is the capital of France?", "")]
    [InlineData("Write a poem about the sea", "")]
    [InlineData("Send an email to bob@example.com", "")]
    [InlineData("What's the weather?", "")]
    [InlineData("Summarize: The weather was nice. We went to the beach.", "")]
    public void PlainFit_Called(string user, string expected)
    {
        var calls = Ask.Calls(user, new ChatOptions { Tools = [.. Tools] });

        string.Join(' ', calls.Select(call => call.Name + JsonSerializer.Serialize(call.Arguments))).ShouldBe(expected);
    }

    [Theory]
    [InlineData("Show me the last 5 orders of customer 4711", """{"customer_id":4711,"limit":5}""")]
    [InlineData("Search the orders of customer #4711, limit 3", """{"customer_id":4711,"limit":3}""")]
    [InlineData("Show the orders of customer 4711", """{"customer_id":4711}""")]
    [InlineData("Show me the last 5 orders", "")]
    public void Numbers_TakenByTheWordNextToThem(string user, string expected)
    {
        var tool = Ask.Tool("search_orders", "Search orders", """{"type":"object","properties":{"limit":{"type":"integer"},"customer_id":{"type":"integer"}},"required":["customer_id"]}""");

        var calls = Ask.Calls(user, new ChatOptions { Tools = [tool] });

        string.Concat(calls.Select(call => JsonSerializer.Serialize(call.Arguments))).ShouldBe(expected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_EndsWithToolCalls(bool streaming)
    {
        var response = await Ask.Response(streaming, Ask.Messages("Weather in Paris and Rome?"), new ChatOptions { Tools = [Ask.Weather()] });

        response.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        response.Usage!.OutputTokenCount.ShouldNotBeNull().ShouldBeGreaterThan(4);
        var calls = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
        calls.Select(call => call.CallId).Distinct().Count().ShouldBe(2);
        calls.ShouldAllBe(call => call.CallId.StartsWith("call_"));
    }

    [Fact]
    public void SingleCallOnly_OneCall()
    {
        Ask.Calls("Weather in Paris and Rome?", new ChatOptions { Tools = [Ask.Weather()], AllowMultipleToolCalls = false }).Count.ShouldBe(1);
    }

    [Fact]
    public void None_NeverCalls()
    {
        Ask.Calls("Weather in Paris?", new ChatOptions { Tools = [Ask.Weather()], ToolMode = ChatToolMode.None }).ShouldBeEmpty();
    }

    [Fact]
    public void Required_AlwaysCallsValidly()
    {
        foreach (var tool in Tools)
        {
            var specific = Ask.Calls("Tell me a joke", new ChatOptions { Tools = [.. Tools], ToolMode = ChatToolMode.RequireSpecific(tool.Name) });

            specific.ShouldHaveSingleItem().Name.ShouldBe(tool.Name);
            SchemaValidation.IsValid(tool.JsonSchema, JsonSerializer.SerializeToElement(specific[0].Arguments)).ShouldBeTrue();
        }

        Ask.Calls("", new ChatOptions { Tools = [.. Tools], ToolMode = ChatToolMode.RequireAny }).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"location":{"$ref":"#/$defs/x"}},"required":["location"],"$defs":{"x":{"anyOf":[{"$ref":"#/$defs/x"},{"$ref":"#/$defs/x"},{"$ref":"#/$defs/x"}]}}}""")]
    [InlineData("""{"type":"object","properties":{"location":{"$ref":"#"}},"required":["location"]}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"type":7,"properties":[],"required":{}}""")]
    [InlineData("true")]
    public void UnworkableSchema_StillAnswered(string schema)
    {
        var tool = Ask.Tool("get_weather", "Get the weather", schema);

        Should.NotThrow(() => Ask.Calls("Weather in Paris?", new ChatOptions { Tools = [tool] }));

        Ask.Calls("Weather in Paris?", new ChatOptions { Tools = [tool], ToolMode = ChatToolMode.RequireAny }).ShouldNotBeEmpty();
    }

    [Fact]
    public void Results_AnsweredFrom()
    {
        ChatMessage[] messages =
        [
            new(ChatRole.User, "Weather in Paris and Rome?"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "get_weather"), new FunctionCallContent("2", "get_weather")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", """{"temperature":21,"sky":{"clouds":"few"},"hours":[1,2]}""")]),
            new(ChatRole.Tool, [new FunctionResultContent("2", "sunny")]),
        ];

        var answer = OfflineAnswer.To(messages, new ChatOptions { Tools = [Ask.Weather()] });

        answer.Contents.ShouldHaveSingleItem().ShouldBeOfType<TextContent>().Text
            .ShouldBe("get_weather returned: temperature: 21, sky: (clouds: few), hours: [1, 2]\nget_weather returned: sunny");
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
    }
}
