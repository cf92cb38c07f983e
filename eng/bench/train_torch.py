#!/usr/bin/env python3
"""The PyTorch side of `make bench-train`: a plain, well-written Llama training step.

It speaks with the driver (tests/DyLoraMoe.Benchmarks) by lines. After loading it prints `ready`. On `run N` it
takes N training steps and prints `seconds S loss L`, L being the mean of the N losses. The clock runs over the steps
only. An empty line or the end of input ends it.

Where several idioms are usual (attention, rotary embedding, AdamW, one or three projections), `--variants`
measures them, and CHOSEN is the fastest of them with PyTorch 1.13 on a CPU. On a GPU the kernels made for it are taken.
"""

import argparse
import collections
import json
import math
import struct
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

Idioms = collections.namedtuple("Idioms", "attention rotary foreach fused")
CHOSEN = Idioms(attention="baddbmm", rotary="half", foreach=True, fused=False)
CHOSEN_ON_GPU = CHOSEN._replace(attention="sdpa", foreach=None)  # with AdamW in one kernel
chosen = CHOSEN


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    if chosen.rotary == "half":  # as in transformers
        return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin
    a, b = x[..., :half], x[..., half:]
    c, s = cos[..., :half], sin[..., :half]
    return torch.cat((a * c - b * s, b * c + a * s), dim=-1)


def attend(q, k, v, mask):
    scale = 1.0 / math.sqrt(q.shape[-1])
    if chosen.attention == "sdpa":
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    if chosen.attention == "builtin":
        return torch._C._nn._scaled_dot_product_attention(q, k, v, None, 0.0, False, True)[0]
    if chosen.attention == "masked_fill":  # as in nanoGPT
        scores = (q @ k.transpose(-2, -1)) * scale
        return F.softmax(scores.masked_fill(mask != 0, float("-inf")), dim=-1) @ v
    if chosen.attention == "add":  # as in transformers
        return F.softmax(q @ k.transpose(-2, -1) * scale + mask, dim=-1) @ v
    batch, heads, tokens, width = q.shape
    q, k, v = (t.reshape(batch * heads, tokens, width) for t in (q, k, v))
    scores = torch.baddbmm(mask.expand(batch * heads, tokens, tokens), q, k.transpose(1, 2), alpha=scale)
    return torch.bmm(F.softmax(scores, dim=-1), v).view(batch, heads, tokens, width)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        dim = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.q_proj = nn.Linear(dim, dim, bias=False)
        self.k_proj = nn.Linear(dim, dim, bias=False)
        self.v_proj = nn.Linear(dim, dim, bias=False)
        self.o_proj = nn.Linear(dim, dim, bias=False)

    def forward(self, x, cos, sin, mask):
        batch, tokens, dim = x.shape
        if chosen.fused:
            weight = torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight))
            q, k, v = F.linear(x, weight).split(dim, dim=-1)
        else:
            q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        q, k, v = (t.view(batch, tokens, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        y = attend(rotate(q, cos, sin), rotate(k, cos, sin), v, mask)
        return self.o_proj(y.transpose(1, 2).reshape(batch, tokens, dim))


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        dim, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(dim, inner, bias=False)
        self.up_proj = nn.Linear(dim, inner, bias=False)
        self.down_proj = nn.Linear(inner, dim, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.mlp = Mlp(config)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """A Llama with a tied head; parameter names are those of Hugging Face."""

    def __init__(self, config, tokens):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.model.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.model.norm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        width = config["hidden_size"] // config["num_attention_heads"]
        frequencies = 1.0 / config["rope_theta"] ** (torch.arange(0, width, 2).float() / width)
        angles = torch.outer(torch.arange(tokens).float(), frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.register_buffer("mask", torch.full((tokens, tokens), float("-inf")).triu(1), persistent=False)

    def forward(self, ids, targets):
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x, self.cos, self.sin, self.mask)
        logits = F.linear(self.model.norm(x), self.model.embed_tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


class Trainer:
    """inputs, targets: (count, batch, tokens) ids; the batches are taken in turn."""

    def __init__(self, config, inputs, targets, weights=None, device="cpu"):
        self.batches = list(zip(inputs.to(device), targets.to(device)))
        self.model = Llama(config, inputs.shape[-1]).to(device)
        if weights is not None:
            self.model.load_state_dict(weights)
        parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(  # as in nanoGPT, decay is for matrices
            [
                {"params": [p for p in parameters if p.dim() > 1], "weight_decay": config["weight_decay"]},
                {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
            ],
            lr=config["learning_rate"], betas=config["betas"],
            **({"fused": True} if chosen.foreach is None else {"foreach": chosen.foreach}))
        self.taken = 0

    def step(self):
        inputs, targets = self.batches[self.taken % len(self.batches)]
        self.taken += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.model(inputs, targets)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def run(self, steps):
        started = time.perf_counter()
        loss = torch.stack([self.step() for _ in range(steps)]).mean().item()  # reading it waits for the device
        return time.perf_counter() - started, loss


def read_safetensors(path):
    dtypes = {"F32": torch.float32, "I64": torch.int64}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            tensors[name] = torch.frombuffer(data[start:end], dtype=dtypes[entry["dtype"]]).view(entry["shape"])
    return tensors


def serve(config, weights, batches, device):
    trainer = Trainer(config, batches["inputs"], batches["targets"], weights, device)
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words:
            break
        seconds, loss = trainer.run(int(words[1]))
        print("seconds", repr(seconds), "loss", repr(loss), flush=True)


def variants():
    global chosen
    config = dict(hidden_size=256, num_attention_heads=8, num_hidden_layers=6, intermediate_size=704, vocab_size=4096,
                  rms_norm_eps=1e-5, rope_theta=10000.0, learning_rate=3e-4, betas=(0.9, 0.999), weight_decay=0.01)
    torch.manual_seed(0)
    ids = torch.randint(0, 4096, (4, 8, 257))
    inputs, targets = ids[..., :-1].contiguous(), ids[..., 1:].contiguous()
    options = [CHOSEN]
    options += [CHOSEN._replace(attention=a) for a in ("builtin", "masked_fill", "add", "baddbmm")]
    options += [CHOSEN._replace(rotary=r) for r in ("half", "parts")]
    options += [CHOSEN._replace(foreach=f) for f in (True, False)]
    options += [CHOSEN._replace(fused=f) for f in (True, False)]
    rows = {}
    for chosen in dict.fromkeys(options):
        rows[chosen] = Trainer(config, inputs, targets)
    times = {option: [] for option in rows}
    for round in range(6):
        for chosen, trainer in rows.items():
            seconds, _ = trainer.run(1)
            if round > 0:
                times[chosen].append(seconds)
    for option, seconds in times.items():
        print(f"{8 * 256 / sorted(seconds)[len(seconds) // 2]:6.0f} tokens/s (best {8 * 256 / min(seconds):6.0f})  {option}")


def main():
    global chosen
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", help="JSON: the model's config.json with learning_rate, betas and weight_decay")
    parser.add_argument("--weights", help="safetensors: the initial weights")
    parser.add_argument("--batches", help="safetensors: inputs and targets, (count, batch, tokens)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--variants", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.device != "cpu":
        chosen = CHOSEN_ON_GPU
    if options.variants:
        variants()
    else:
        with open(options.config) as file:
            config = json.load(file)
        serve(config, read_safetensors(options.weights), read_safetensors(options.batches), options.device)


if __name__ == "__main__":
    main()
