using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Caching;

namespace LlmOps.Tests.Caching;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":1,"a":[{"y":"\"}{","x":2},3],"c":{"e":null,"d":true}}""", """ { "c" : {"d":true, "e":null}, "a":[ {"x":2 ,"y":"\"}{"} , 3 ] ,"b": 1 } """)]
    [InlineData("{}", " {  } ")]
    [InlineData("""{"a":[],"b":"\\"}""", """{"b":"\\","a":[ ]}""")]
    public void OrderAndSpace_MakeNoDifference(string one, string other) => Canonical(one).ShouldBe(Canonical(other));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":[1,[2]]}""", """{"a":[[1],2]}""")]
    [InlineData("""{"a":"x y"}""", """{"a":"xy"}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    [InlineData("""{"a":0.2}""", """{"a":0.20}""")]
    public void AnythingElse_Does(string one, string other) => Canonical(one).ShouldNotBe(Canonical(other));

    [Fact]
    public void RandomObjects_AreTheSameHoweverTheyAreWritten()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var value = RandomObject(random, 3);

            Canonical(Written(value, random)).ShouldBe(Canonical(Written(value, random)), value.ToJsonString());
        }
    }

    [Fact]
    public void LeftOut_AreMembersOfTheObjectItself_NotOfOthers()
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(output, """{"user":"me","metadata":{"user":"x"}}"""u8, name => name.SequenceEqual("\"user\""u8));

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"metadata":{"user":"x",},}""");
    }

    private static string Canonical(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(output, Encoding.UTF8.GetBytes(json), _ => false);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static JsonObject RandomObject(Random random, int depth)
    {
        var result = new JsonObject();
        var count = random.Next(depth == 3 ? 30 : 5);
        for (var index = 0; index < count; index++)
        {
            result[$"n{index}{new string('x', random.Next(3))}"] = RandomValue(random, depth);
        }

        return result;
    }

    private static JsonNode? RandomValue(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => random.Next(1000),
        2 => random.Next(2) == 0,
        3 => "a\"\\{}[],: \n" + random.Next(10),
        4 => 0.5,
        5 => RandomObject(random, depth - 1),
        _ => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
    };

    private static string Written(JsonNode? node, Random random)
    {
        var space = new string(' ', random.Next(2)) + (random.Next(5) == 0 ? "\n" : "");
        return node switch
        {
            JsonObject members => "{" + space + string.Join("," + space, members.OrderBy(_ => random.Next()).Select(member => $"\"{member.Key}\"{space}:{space}{Written(member.Value, random)}")) + space + "}",
            JsonArray items => "[" + space + string.Join(space + ",", items.Select(item => Written(item, random))) + space + "]",
            null => "null",
            _ => node.ToJsonString(),
        };
    }
}
