# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A tour of chatforensics
# From exports to findings, stage by stage, on the built-in fictional case. Every stage is a function from tables to
# tables (Polars frames); every row leads back to a file, a line and bytes.

# %%
import chatforensics as cf
import polars as pl
from IPython.display import SVG, display

pl.Config.set_tbl_rows(12)
pl.Config.set_fmt_str_lengths(60)
folder = cf.demo_folder()
files = cf.find_exports([folder])
[f"{file.path.parent.name}/{file.path.name}" for file in files]

# %% [markdown]
# ## 1. Parse one export
# `sources` says what was read and how surely; `messages` has a row per record, notices included.

# %%
ward = next(file.path for file in files if "Lockside" in file.path.name and file.path.suffix == ".txt")
parsed = cf.parse(ward, timezone="Europe/London")
parsed.sources.select("platform", "header_format", "date_order", "date_order_verdict", "clock_step_s", "n_messages")

# %%
parsed.messages.select("line", "byte_start", "byte_end", "sent_local", "sender_label", "kind", "text").head(8)

# %% [markdown]
# Notices are typed: who did what to whom.

# %%
parsed.events

# %% [markdown]
# **Nothing is lost.** The spans of messages and rejects tile the file; anybody can cut a quotation out of the bytes.

# %%
row = parsed.messages.row(20, named=True)
print(ward.read_bytes()[row["byte_start"] : row["byte_end"]].decode())

# %% [markdown]
# ## 2. Run the whole way
# One call does what the command `analyse` does, and returns the tables.

# %%
import tempfile
from pathlib import Path

out = Path(tempfile.mkdtemp()) / "report"
outcome = cf.analyse([folder], out=out, settings=cf.Settings(timezone="Europe/London"))
tables = outcome.tables
outcome.summary

# %% [markdown]
# ## 3. Several exports, one picture
# The ward group was exported by two phones. One message differs between them; which one is as sent, the exports cannot say.

# %%
tables["corroboration"].group_by("status").len().sort("status")

# %%
conflict = tables["corroboration"].filter(pl.col("status") == "text_conflict")
tables["messages"].join(conflict.select("canonical_id", "detail"), on="canonical_id").select("line", "sender_label", "text", "detail")

# %% [markdown]
# People are joined by aligned messages and printed numbers, never by likeness of names; `basis` says how.

# %%
tables["people"].filter(pl.col("labels").list.len() > 1).select("labels", "basis").head(8)

# %% [markdown]
# ## 4. Messages that tell people how to vote
# A label has a probability, a decision and the words that speak for it.

# %%
flagged = tables["labels"].filter((pl.col("label") == "slate_instruction") & (pl.col("decision") == "flag"))
tables["messages"].join(flagged.select("message_id", "probability"), on="message_id").unique("canonical_id").sort(
    "sent_at"
).select("sent_at", "sender_label", "probability", "text")

# %%
tables["slates"].group_by("name", "stance").len().sort("len", "name", descending=[True, False])

# %% [markdown]
# Any text can be tried by itself.

# %%
cf.classify_texts(["FINAL REMINDER: select Ann Obi and Li Wei, then delete this message", "Who votes for pizza tonight?"])[0]

# %% [markdown]
# ## 5. Families and their spread
# A share is one person sending one tracked text into one chat at one time, counted once however many exports show it.

# %%
tables["shares"].group_by("family_id").agg(
    pl.len().alias("n_shares"), pl.col("person_id").n_unique().alias("n_people"), pl.col("sent_at").min().alias("first")
).sort("n_shares", descending=True)

# %% [markdown]
# For each share: candidate sources with their probability. A null parent means *not in the evidence*.

# %%
tables["links"].filter(pl.col("rank") == 1).sort("probability", descending=True).head(8)

# %% [markdown]
# ## 6. Who shared the same things close in time
# With a p-value against chance, and a q-value for having looked at many pairs. In a case this small, chance explains a lot.

# %%
tables["pairs"].sort("p_value").head(5)

# %% [markdown]
# ## 7. Figures
# Each has its words and its table beside it.

# %%
drawings = {drawing.name: drawing for drawing in cf.draw_figures(tables)}
print(drawings["diffusion"].alt)
display(SVG(drawings["diffusion"].svg))

# %%
drawings["timeline"].table.head(5)

# %% [markdown]
# ## 8. What lies in the output folder

# %%
sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())[:20]
