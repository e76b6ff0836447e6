using System.Text.Json;

namespace LlmOps.Tests.Contracts;

public class ContractCheckTests
{
    private const string Ingestion = "/api/public/ingestion";
    private const string Messages = "/v1/messages";
    private const string Chat = "/api/chat";
    private const string Completions = "/v1/chat/completions";
    private const string Generate = "/v1beta/models/gemini-2.5-flash:generateContent";

    [ContractFact(ContractFolder.Gemini)]
    public void Gemini_TakesAFullRequest() => Valid(ContractCheck.Gemini!, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", """
        {
          "systemInstruction": {"parts": [{"text": "Be brief."}]},
          "contents": [
            {"role": "user", "parts": [{"text": "Weather?"}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0K"}}]},
            {"role": "model", "parts": [{"functionCall": {"id": "1", "name": "weather", "args": {"city": "Oslo"}}, "thoughtSignature": "c2ln"}]},
            {"role": "user", "parts": [{"functionResponse": {"id": "1", "name": "weather", "response": {"result": 3}}}]}
          ],
          "tools": [{"functionDeclarations": [{"name": "weather", "description": "d", "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}}}]}],
          "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
          "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
          "generationConfig": {
            "temperature": 0.5, "topP": 0.9, "topK": 40, "maxOutputTokens": 10, "stopSequences": ["x"], "candidateCount": 1, "seed": 7,
            "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}, "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "thinkingConfig": {"includeThoughts": true, "thinkingBudget": 100}
          }
        }
        """);

    [ContractFact(ContractFolder.Gemini)]
    public void Gemini_RefusesWhatItDoesNotName()
    {
        var gemini = ContractCheck.Gemini!;
        Faults(gemini, Generate, """{"contents":[{"role":"user","parts":[{"text":"a","kind":"b"}]}],"max_tokens":1}""")
            .ShouldBe(["contents[0].parts[0].kind: is not in the contract", "max_tokens: is not in the contract"]);
        Faults(gemini, Generate, """{"contents":[{"parts":[]}],"generationConfig":{"maxOutputTokens":"1"}}""")
            .ShouldBe(["generationConfig.maxOutputTokens: is string, not integer"]);
        Faults(gemini, Generate, "{}").ShouldBe(["contents: is missing"]);
    }

    [ContractFact(ContractFolder.Gemini)]
    public void Gemini_HasItsOtherOperations()
    {
        var gemini = ContractCheck.Gemini!;
        gemini.Faults("GET", "/v1beta/models").ShouldBeEmpty();
        gemini.Faults("GET", "/v1beta/models/gemini-2.5-flash").ShouldBeEmpty();
        Valid(gemini, "/v1beta/models/m:countTokens", """{"contents":[{"parts":[{"text":"a"}]}]}""");
        Valid(gemini, "/v1beta/models/m:batchEmbedContents", """{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":8}]}""");
        gemini.Faults("POST", "/v1beta/models/m:generate", JsonElement.Parse("{}")).ShouldBe(["/v1beta/models/m:generate: /v1beta/models/{model} has no POST"]);
        gemini.Faults("GET", "/v1/models").ShouldBe(["/v1/models: is no path of the contract"]);
        gemini.Faults("POST", Generate).ShouldBe(["body: is missing"]);
    }

    [ContractFact(ContractFolder.Ollama)]
    public void Ollama_TakesAFullRequest() => Valid(ContractCheck.Ollama!, Chat, """
        {
          "model": "qwen3", "stream": true, "think": "high", "keep_alive": "5m", "truncate": false, "shift": false, "format": {"type": "object"},
          "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?", "images": ["iVBORw0K"]},
            {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [{"id": "1", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}]},
            {"role": "tool", "content": "3", "tool_name": "weather", "tool_call_id": "1"}
          ],
          "tools": [{"type": "function", "function": {"name": "weather", "description": "d", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}],
          "options": {"temperature": 0.5, "num_predict": 10, "stop": ["x"], "repeat_penalty": 1.1}
        }
        """);

    [ContractFact(ContractFolder.Ollama)]
    public void Ollama_RefusesWhatItDoesNotName()
    {
        var ollama = ContractCheck.Ollama!;
        Faults(ollama, Chat, """{"model":"m","messages":[{"role":"user","content":"a","name":"b"}],"temperature":1}""")
            .ShouldBe(["messages[0].name: is not in the contract", "temperature: is not in the contract"]);
        Faults(ollama, Chat, """{"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"a"}]}]}""")
            .ShouldBe(["""messages[0].role: is "developer", not one of ["system","user","assistant","tool"]""", "messages[0].content: is array, not string"], ignoreOrder: true);
        Faults(ollama, Chat, """{"model":"m","messages":[{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}""")
            .ShouldBe(["messages[0].tool_calls[0].function.arguments: is string, not object"]);
    }

    [ContractFact(ContractFolder.Ollama)]
    public void Ollama_HasItsOtherOperations()
    {
        var ollama = ContractCheck.Ollama!;
        ollama.Faults("GET", "/api/tags").ShouldBeEmpty();
        ollama.Faults("GET", "/api/tags", JsonElement.Parse("{}")).ShouldBe(["body: is sent where none is taken"]);
        Valid(ollama, "/api/embed", """{"model":"m","input":["a","b"],"truncate":true}""");
        ollama.Faults("POST", "/v1/api/chat", JsonElement.Parse("{}")).ShouldBe(["/v1/api/chat: is no path of the contract"]);
    }

    [ContractFact(ContractFolder.Tei)]
    public void Tei_TakesTextsAndNothingUnknown()
    {
        var tei = ContractCheck.Tei!;

        tei.Faults("GET", "/info").ShouldBeEmpty();
        Valid(tei, "/embed", """{"inputs":["a","b"],"normalize":true,"truncate":false,"dimensions":8}""");
        Faults(tei, "/embed", """{"inputs":["a"],"truncate":"no"}""").ShouldNotBeEmpty();
        Faults(tei, "/embed", """{"inputs":["a"],"model":"m"}""").ShouldNotBeEmpty();
    }

    [ContractFact(ContractFolder.Langfuse2)]
    public void Langfuse_TakesAnyNumberAsAParameter_AndNothingUnknown()
    {
        var langfuse = ContractCheck.Langfuse(2)!;

        Valid(langfuse, Ingestion, Generation("usage", """{"input":1,"unit":"TOKENS"}"""));
        Valid(langfuse, Ingestion, Generation("modelParameters", """{"temperature":0.7,"max_tokens":1,"stop":["x"]}"""));
        Faults(langfuse, Ingestion, Generation("usage", """{"input":1.5}""")).ShouldNotBeEmpty();
        Faults(langfuse, Ingestion, Generation("usage", """{"input":1,"unit":"tokens"}""")).ShouldNotBeEmpty();
        Faults(langfuse, Ingestion, Generation("environment", "\"staging\"")).ShouldNotBeEmpty();

        static string Generation(string name, string value) =>
            """{"batch":[{"id":"1","type":"generation-create","timestamp":"2026-11-20T09:30:00Z","body":{"id":"2",""" + $"\"{name}\":{value}" + "}}]}";
    }

    [ContractFact(ContractFolder.OpenAI)]
    public void OpenAI_TakesAFullRequest_UnderEveryBase()
    {
        foreach (var path in new[] { "/chat/completions", Completions, "/openai/v1/chat/completions", "/api/v1/chat/completions" })
        {
            Valid(ContractCheck.OpenAI!, path, """
                {
                  "model": "gpt-4o", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0, "max_completion_tokens": 10, "stop": ["x"], "n": 1, "seed": 7,
                  "logit_bias": {"50256": -100}, "logprobs": null, "user": "u", "metadata": {"a": "b"}, "parallel_tool_calls": false, "reasoning_effort": "low", "a_vendors": 1,
                  "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "developer", "content": [{"type": "text", "text": "a"}]},
                    {"role": "user", "content": [{"type": "text", "text": "Weather?"}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}]},
                    {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
                    {"role": "tool", "tool_call_id": "1", "content": "3"}
                  ],
                  "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}, "strict": true}}],
                  "tool_choice": {"type": "function", "function": {"name": "weather"}},
                  "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": true}}
                }
                """);
        }
    }

    [ContractFact(ContractFolder.OpenAI)]
    public void OpenAI_RefusesWhatIsWrong()
    {
        var openAI = ContractCheck.OpenAI!;
        Faults(openAI, Completions, """{"model":"m","messages":[],"temperature":3}""")
            .ShouldBe(["messages: has 0 items, fewer than 1", "temperature: is 3, more than 2 (the nearest of 2 forms)"], ignoreOrder: true);
        Faults(openAI, Completions, """{"model":"m","messages":[{"role":"tool","content":"a"}]}""")
            .ShouldBe(["messages[0].tool_call_id: is missing (the nearest of 6 forms)"]);
        Faults(openAI, Completions, """{"messages":[{"role":"user","content":"a"}]}""").ShouldBe(["model: is missing"]);
        openAI.Faults("POST", "/v1/chat/completion", JsonElement.Parse("{}")).ShouldBe(["/v1/chat/completion: is no path of the contract"]);
        openAI.Faults("POST", "/v1/chat/other/completions", JsonElement.Parse("{}")).ShouldBe(["/v1/chat/other/completions: is no path of the contract"]);
    }

    [ContractFact(ContractFolder.OpenAI)]
    public void OpenAI_HasItsOtherOperations()
    {
        var openAI = ContractCheck.OpenAI!;
        openAI.Faults("GET", "/api/v1/models").ShouldBeEmpty();
        Valid(openAI, "/v1/embeddings", """{"model":"m","input":["a","b"],"encoding_format":"float","dimensions":8}""");
        Valid(openAI, "/v1/embeddings", """{"model":"m","input":[1,2]}""");
        Faults(openAI, "/v1/embeddings", """{"model":"m","input":[]}""").ShouldNotBeEmpty();
        Valid(openAI, "/v1/responses", """{"model":"m","input":"a"}""");
    }

    [Fact]
    public void Anthropic_TakesAFullRequest() => Valid(ContractCheck.Anthropic, Messages, """
        {
          "model": "claude-opus-4-5", "max_tokens": 4096, "stream": true, "temperature": 1, "top_p": 0.9, "top_k": 40, "stop_sequences": ["x"],
          "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
          "messages": [
            {"role": "user", "content": [
              {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0K"}},
              {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
              {"type": "document", "title": "t", "citations": {"enabled": true}, "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
              {"type": "text", "text": "Weather?"}]},
            {"role": "assistant", "content": [
              {"type": "thinking", "thinking": "hm", "signature": "s"},
              {"type": "redacted_thinking", "data": "d"},
              {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
              {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
              {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "web_search_result", "url": "https://example.com"}]}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "is_error": false, "content": [{"type": "text", "text": "3"}]}]},
            {"role": "assistant", "content": "Cold"}
          ],
          "tools": [
            {"name": "weather", "description": "d", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}, "strict": true},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 3, "user_location": {"type": "approximate", "country": "NO"}}
          ],
          "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
          "thinking": {"type": "enabled", "budget_tokens": 1024},
          "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}},
          "metadata": {"user_id": "u"}, "service_tier": "auto"
        }
        """);

    [Theory]
    [InlineData("\"n\":1", "n: is not in the contract")]
    [InlineData("\"temperature\":1.5", "temperature: is 1.5, more than 1")]
    [InlineData("\"stop_sequences\":\"x\"", "stop_sequences: is string, not array")]
    [InlineData("\"system\":[{\"type\":\"text\",\"text\":\"\"}]", "system[0].text: has 0 characters, fewer than 1 (the nearest of 2 forms)")]
    [InlineData("\"tools\":[{\"name\":\"a b\",\"input_schema\":{\"type\":\"object\"}}]", "tools[0].name: does not match ^[a-zA-Z0-9_-]{1,128}$ (the nearest of 2 forms)")]
    [InlineData("\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":\"object\"},\"parameters\":{}}]", "tools[0].parameters: is not in the contract (the nearest of 2 forms)")]
    [InlineData("\"tool_choice\":{\"type\":\"tool\"}", "tool_choice.name: is missing (the nearest of 3 forms)")]
    [InlineData("\"tool_choice\":{\"type\":\"none\",\"disable_parallel_tool_use\":true}", "tool_choice.disable_parallel_tool_use: is not in the contract (the nearest of 3 forms)")]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1000}", "thinking.budget_tokens: is 1000, less than 1024 (the nearest of 3 forms)")]
    [InlineData("\"output_config\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{}}}", "output_config.format.name: is not in the contract")]
    [InlineData("\"metadata\":{\"user\":\"u\"}", "metadata.user: is not in the contract")]
    public void Anthropic_RefusesWhatItDoesNotName(string member, string fault) =>
        Faults(ContractCheck.Anthropic, Messages, $$"""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}],{{member}}}""").ShouldBe([fault]);

    [Theory]
    [InlineData("""{"role":"system","content":"a"}""", """messages[0].role: is "system", not one of ["user","assistant"]""")]
    [InlineData("""{"role":"user","content":null}""", "messages[0].content: is null, not string")]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"a:1","name":"f","input":{}}]}""", "messages[0].content[0].id: does not match ^[a-zA-Z0-9_-]+$")]
    [InlineData("""{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":"{}"}]}""", "messages[0].content[0].input: is string, not object")]
    [InlineData("""{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}""", "messages[0].content[0]")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a","input":{}}]}""", "messages[0].content[0].input: is not in the contract")]
    [InlineData("""{"role":"assistant","content":[{"type":"thinking","thinking":"t"}]}""", "messages[0].content[0].signature: is missing")]
    public void Anthropic_RefusesMessagesOfAnotherForm(string message, string fault) =>
        Faults(ContractCheck.Anthropic, Messages, $$"""{"model":"m","max_tokens":1,"messages":[{{message}}]}""")[0].ShouldStartWith(fault);

    [Fact]
    public void Anthropic_NeedsItsThree()
    {
        Faults(ContractCheck.Anthropic, Messages, "{}").ShouldBe(["model: is missing", "max_tokens: is missing", "messages: is missing"]);
        ContractCheck.Anthropic.Faults("GET", "/v1/models").ShouldBeEmpty();
        ContractCheck.Anthropic.Faults("POST", "/v1/complete", JsonElement.Parse("{}")).ShouldBe(["/v1/complete: is no path of the contract"]);
    }

    private static void Valid(ContractCheck contract, string path, string body) => Faults(contract, path, body).ShouldBeEmpty();

    private static IReadOnlyList<string> Faults(ContractCheck contract, string path, string body) => contract.Faults("POST", path, JsonElement.Parse(body));
}
