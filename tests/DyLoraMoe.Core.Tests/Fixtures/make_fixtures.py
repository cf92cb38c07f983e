#!/usr/bin/env python3
"""Makes the checkpoints beside it: small random models as transformers saves them, adapters as PEFT saves them,
and what these two compute with them, in float32 on a CPU.

Usage: make_fixtures.py OUT      (needs torch, transformers, peft and safetensors; the versions used are in versions.json)

Each folder holds config.json and model.safetensors, folders with adapters, and expected.safetensors:
  input_ids (3, 20)         prompts without padding
  logits (3, 20, V)         of the bare model
  logits:ADAPTER            with that adapter
  padded_ids, padded_mask   the prompts cut to lengths of 20, 13 and 6, padded on the left
  generated (3, 12)         greedy continuation of the padded prompts, bare
"""

import importlib.metadata
import json
import pathlib
import sys

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, GemmaConfig, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

VOCABULARY = 160
INVOCATION = [7, 11]
SHAPE = dict(
    vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, pad_token_id=0)
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def lora(**settings):
    return LoraConfig(**{"r": 4, "lora_alpha": 8, "lora_dropout": 0.0, "target_modules": ALL, "task_type": "CAUSAL_LM", **settings})


MODELS = {
    "llama-linear-rope": (
        LlamaConfig(**SHAPE, tie_word_embeddings=False, rope_parameters={"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}),
        {"head": lora(target_modules=["q_proj", "v_proj", "lm_head"])}),
    "llama3-rope": (
        LlamaConfig(**SHAPE, tie_word_embeddings=True, head_dim=16, rope_parameters={
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32, "rope_theta": 500000.0}),
        {"patterns": lora(use_rslora=True, rank_pattern={"o_proj": 2, "layers.1.mlp.down_proj": 6}, alpha_pattern={"q_proj": 5})}),
    "mistral-window": (
        MistralConfig(**SHAPE, head_dim=24, sliding_window=6, tie_word_embeddings=False),
        {"all": lora(), "activated": lora(r=3, alora_invocation_tokens=INVOCATION)}),
    "qwen2-window": (
        Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=5, max_window_layers=1, tie_word_embeddings=True),
        {"all": lora(use_rslora=True)}),
    "qwen3": (
        Qwen3Config(**SHAPE, head_dim=24, tie_word_embeddings=True),
        {"all": lora(), "activated": lora(alora_invocation_tokens=INVOCATION)}),
    "qwen3-layers": (
        Qwen3Config(**SHAPE, head_dim=20, use_sliding_window=True, sliding_window=4, tie_word_embeddings=False,
                    layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
        {}),
    "gemma": (
        GemmaConfig(**{**SHAPE, "num_key_value_heads": 1}, head_dim=32, tie_word_embeddings=True),
        {"activated": lora(target_modules=["q_proj", "k_proj", "v_proj"], alora_invocation_tokens=INVOCATION)}),
    "llama-bfloat16": (LlamaConfig(**SHAPE, tie_word_embeddings=True), {}),
}


def make_loud(parameters, generator):
    """Weights large enough that a mistake in any part of the model shows in the logits."""
    with torch.no_grad():
        for name, parameter in parameters:
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 1:
                parameter.add_(noise * 0.2)
            else:
                parameter.copy_(noise * (0.3 if "lora" in name else 0.15))


def tidy(path):
    """The same file whenever and wherever it is made."""
    settings = json.loads(path.read_text())
    settings["base_model_name_or_path"] = ".."
    settings["target_modules"] = sorted(settings["target_modules"])
    path.write_text(json.dumps(settings, indent=2) + "\n")


def make(name, config, adapters, folder):
    generator = torch.Generator().manual_seed(len(name) * 1000 + ord(name[-1]))
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    make_loud(model.named_parameters(), generator)
    model.tie_weights()
    if name.endswith("bfloat16"):
        model.to(torch.bfloat16).save_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()  # to() rounds what is no weight, too
    else:
        model.save_pretrained(folder)

    ids = torch.randint(12, VOCABULARY, (3, 20), generator=generator)
    ids[:, 0] = 1
    for row, at in enumerate((4, 9, 15)):  # where activated adapters begin
        ids[row, at:at + 2] = torch.tensor(INVOCATION)
    padded, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, length in enumerate((20, 13, 6)):
        padded[row, -length:], mask[row, -length:] = ids[row, :length], 1
    with torch.no_grad():
        expected = {"input_ids": ids, "padded_ids": padded, "padded_mask": mask, "logits": model(input_ids=ids).logits}
        generated = model.generate(
            input_ids=padded, attention_mask=mask, do_sample=False, min_new_tokens=12, max_new_tokens=12,
            eos_token_id=None, pad_token_id=0)
        expected["generated"] = generated[:, -12:]
    for adapter, settings in adapters.items():
        fresh = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        adapted = get_peft_model(fresh, settings).eval()
        make_loud([(n, p) for n, p in adapted.named_parameters() if "lora" in n], generator)
        adapted.save_pretrained(folder / adapter)
        tidy(folder / adapter / "adapter_config.json")
        with torch.no_grad():
            expected[f"logits:{adapter}"] = adapted(input_ids=ids).logits
    save_file({key: value.contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    for leftover in [*folder.rglob("README.md"), *folder.rglob("generation_config.json")]:
        leftover.unlink()
    print(name, {key: round(value.float().abs().mean().item(), 3) for key, value in expected.items() if key.startswith("logits")})


def main():
    torch.set_num_threads(1)
    out = pathlib.Path(sys.argv[1])
    for name, (config, adapters) in MODELS.items():
        make(name, config, adapters, out / name)
    versions = {package: importlib.metadata.version(package) for package in ("torch", "transformers", "peft")}
    (out / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
