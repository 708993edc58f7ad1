"""Nodes that ask models, and the nodes that are parts of them.

    models.py        chat models, and which model here stands for each
    memory.py        memory: the conversation's history
    outputs.py       output parsers: a JSON Schema of the answer
    tools.py         tools of agents
    agents.py        AI Agent, Basic LLM Chain
    chats.py         nodes of one vendor that ask for a message
    structured.py    Information Extractor, Text Classifier, Sentiment Analysis, Summarization
    knowledge.py     vector stores, Question and Answer Chain

A step becomes three: its parameters for each item, the native node for each, what came as items.
"""
